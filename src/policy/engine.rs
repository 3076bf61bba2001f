//! casbin, as it decides: which lines match a request.
//!
//! The model's effect is fixed (an allow, and no deny), and the matcher must contain every part of
//! the shipped one; so a line that is not about an operation can be left out when the engine is
//! asked about it, and a condition can be judged later without asking again. The engine runs when
//! a policy is compiled, never on the path of a call.

use crate::catalog::{Fault, Faults, Files};
use crate::policy::Treatment;
use crate::policy::condition::Condition;
use crate::policy::line::{Member, Object};
use casbin::function_map::{OperatorFunction, dynamic_to_str};
use casbin::rhai::Dynamic;
use casbin::{
    CoreApi, DefaultModel, EffectKind, Effector, EffectorStream, Enforcer, MemoryAdapter, Model,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, PoisonError};

/// What each model must say; the matcher may say more.
pub(crate) struct Form {
    pub(crate) file: &'static str,
    request: &'static str,
    policy: &'static str,
    matcher: &'static [&'static str],
}

/// Grants: the `p` lines.
pub(crate) const GRANTS: Form = Form {
    file: "model.conf",
    request: "agent, operation, topic, risk, purpose, assurance, kind, arguments",
    policy: "role, object, purpose, assurance, kind, condition, eft",
    matcher: &[
        r#"(p_role=="*"||g(r_agent,p_role))"#,
        "covers(r_operation,r_topic,r_risk,p_object)",
        r#"(p_purpose=="*"||r_purpose==p_purpose)"#,
        "reaches(r_assurance,p_assurance)",
        r#"(p_kind=="*"||r_kind==p_kind)"#,
        "holds(r_arguments,p_condition,p_eft)",
    ],
};

/// Treatments: the `p2` lines.
pub(crate) const SHADES: Form = Form {
    file: "treatment.conf",
    request: "agent, operation, topic, risk, class, treatment",
    policy: "role, object, class, treatment, eft",
    matcher: &[
        r#"(p_role=="*"||g(r_agent,p_role))"#,
        "covers(r_operation,r_topic,r_risk,p_object)",
        r#"(p_class=="*"||r_class==p_class)"#,
        "within(r_treatment,p_treatment,p_eft)",
    ],
};

const EFFECT: &str = "some(where(p_eft==allow))&&!some(where(p_eft==deny))";

/// What the engine is told of a call's arguments, as JSON.
#[derive(Serialize, Deserialize)]
pub(crate) struct Given {
    /// The names the operation declares.
    pub(crate) declared: Vec<String>,
    /// The arguments; none while a policy is compiled, when every condition may hold.
    pub(crate) given: Option<Map<String, Value>>,
}

/// An enforcer whose lines can be changed, and that tells which of them matched.
pub(crate) struct Engine {
    enforcer: Enforcer,
    file: &'static str,
    matched: Arc<Mutex<Vec<usize>>>,
}

impl Engine {
    /// An engine with this model, these roles and no lines yet.
    pub(crate) async fn new(
        form: &Form,
        files: &Files,
        members: &[Member],
    ) -> Result<Self, Faults> {
        let mut enforcer = enforcer(form, files, members).await?;
        let matched = Arc::new(Mutex::new(Vec::new()));
        enforcer.set_effector(Box::new(Collector(Arc::clone(&matched))));
        Ok(Self {
            enforcer,
            file: form.file,
            matched,
        })
    }

    /// Puts these lines in the place of all others. They must differ from each other.
    pub(crate) fn set_lines<'a>(&mut self, lines: impl Iterator<Item = &'a Vec<String>>) {
        set_lines(&mut self.enforcer, lines);
    }

    /// The lines that match, counted from 0 in the order they were set.
    pub(crate) fn matches(&self, request: Vec<String>) -> Result<Vec<usize>, Faults> {
        let lock = || self.matched.lock().unwrap_or_else(PoisonError::into_inner);
        lock().clear();
        match self.enforcer.enforce(request) {
            // The verdict is the collector's constant; which lines matched is what counts.
            Ok(_) => Ok(std::mem::take(&mut *lock())),
            Err(error) => Err(Faults::from(Fault {
                file: self.file.to_owned(),
                line: 1,
                message: format!("the engine cannot evaluate the matcher: {error}"),
            })),
        }
    }
}

/// casbin's own enforcer for a model of the directory: checked, with our functions and the roles.
pub(crate) async fn enforcer(
    form: &Form,
    files: &Files,
    members: &[Member],
) -> Result<Enforcer, Faults> {
    let text = files.required(form.file)?;
    let failed = |error: casbin::Error| fault(form, text, "", error.to_string());
    let model = DefaultModel::from_str(text).await.map_err(failed)?;
    form.check(&model, text)?;
    let adapter = MemoryAdapter::default();
    let mut enforcer = Enforcer::new(model, adapter).await.map_err(failed)?;
    enforcer.add_function("covers", OperatorFunction::Arg4(covers));
    enforcer.add_function("reaches", OperatorFunction::Arg2(reaches));
    enforcer.add_function("holds", OperatorFunction::Arg3(holds));
    enforcer.add_function("within", OperatorFunction::Arg3(within));
    for member in members {
        let rule = vec![member.who.clone(), member.role.clone()];
        enforcer.get_mut_model().add_policy("g", "g", rule);
    }
    enforcer.build_role_links().map_err(failed)?;
    Ok(enforcer)
}

pub(crate) fn set_lines<'a>(enforcer: &mut Enforcer, lines: impl Iterator<Item = &'a Vec<String>>) {
    let model = enforcer.get_mut_model();
    let sections = model.get_mut_model();
    if let Some(section) = sections.get_mut("p").and_then(|s| s.get_mut("p")) {
        section.get_mut_policy().clear();
    }
    for line in lines {
        model.add_policy("p", "p", line.clone());
    }
}

impl Form {
    /// Whether the model says what the compilation relies on.
    fn check(&self, model: &DefaultModel, text: &str) -> Result<(), Faults> {
        let value = |section: &str| {
            let found = model.get_model().get(section).and_then(|s| s.get(section));
            found.map(|a| bare(&a.value)).unwrap_or_default()
        };
        let sections = model.get_model().values();
        let more = sections.flat_map(|s| s.keys()).any(|key| key.len() > 1);
        let wrong =
            |section: &str, message: &str| Err(fault(self, text, section, message.to_owned()));
        if value("r") != bare(self.request) {
            return wrong("r", &format!("the request is `r = {}`", self.request));
        }
        if value("p") != bare(self.policy) {
            return wrong("p", &format!("the policy is `p = {}`", self.policy));
        }
        if value("g") != "_,_" {
            return wrong("g", "the roles are `g = _, _`");
        }
        if value("e") != EFFECT {
            return wrong(
                "e",
                "the effect is `e = some(where (p.eft == allow)) && !some(where (p.eft == deny))`",
            );
        }
        if more {
            return wrong("", "a model has one r, p, g, e and m");
        }
        match self.matcher_fault(&value("m")) {
            Some(message) => wrong("m", &message),
            None => Ok(()),
        }
    }

    fn matcher_fault(&self, matcher: &str) -> Option<String> {
        let Some(parts) = conjuncts(matcher) else {
            return Some(
                "a matcher is parts joined by &&, without comments, eval or other quotes than \""
                    .to_owned(),
            );
        };
        if let Some(part) = self.matcher.iter().find(|p| !parts.contains(p)) {
            return Some(format!("the matcher needs the part `{part}`"));
        }
        let more = parts.iter().filter(|p| !self.matcher.contains(p));
        let unknown = ["r_arguments", "p_eft", "p_condition"];
        let mut more = more.filter(|p| unknown.iter().any(|u| p.contains(u)));
        more.next().map(|_| {
            "arguments, conditions and effects are judged by the shipped parts alone".to_owned()
        })
    }
}

/// A matcher's parts between top-level `&&`; none if there is anything that could undo a part.
fn conjuncts(matcher: &str) -> Option<Vec<&str>> {
    let banned = ["//", "/*", "`", "'", "\\", "eval(", ";", "{", "}", "??"];
    if banned.iter().any(|b| matcher.contains(b)) {
        return None;
    }
    let (mut depth, mut quoted, mut start) = (0_i32, false, 0);
    let mut parts = Vec::new();
    for (at, c) in matcher.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' => depth = depth.saturating_add(1),
            ')' | ']' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return None,
            '&' if depth == 0 => {
                parts.push(matcher.get(start..at)?);
                start = at.saturating_add(1);
            }
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    parts.push(matcher.get(start..)?);
    // `&&` leaves an empty piece between its two signs; a single `&` leaves none and joins parts.
    let joined = parts.iter().skip(1).step_by(2).all(|p| p.is_empty());
    let parts: Vec<&str> = parts.into_iter().step_by(2).collect();
    let whole = !quoted && depth == 0 && joined && !parts.iter().any(|p| p.is_empty());
    whole.then_some(parts)
}

/// Without the white space outside of strings.
fn bare(text: &str) -> String {
    let mut quoted = false;
    let mut kept = |c: &char| {
        quoted ^= *c == '"';
        quoted || !c.is_whitespace()
    };
    text.chars().filter(|c| kept(c)).collect()
}

/// A fault at the line that starts a definition, or at the file's first.
fn fault(form: &Form, text: &str, section: &str, message: String) -> Faults {
    let starts = |line: &str| {
        let rest = line.trim_start().strip_prefix(section);
        !section.is_empty() && rest.is_some_and(|r| r.trim_start().starts_with('='))
    };
    let at = text.lines().position(starts).unwrap_or_default();
    Faults::from(Fault {
        file: form.file.to_owned(),
        line: at.saturating_add(1),
        message,
    })
}

/// An effector that lets every line be seen, and keeps the numbers of those that matched.
struct Collector(Arc<Mutex<Vec<usize>>>);

impl Effector for Collector {
    fn new_stream(&self, _expression: &str, _lines: usize) -> Box<dyn EffectorStream> {
        Box::new(Stream {
            matched: Arc::clone(&self.0),
            at: 0,
        })
    }
}

struct Stream {
    matched: Arc<Mutex<Vec<usize>>>,
    at: usize,
}

impl EffectorStream for Stream {
    fn next(&self) -> bool {
        false
    }

    fn push_effect(&mut self, effect: EffectKind) -> bool {
        if effect != EffectKind::Indeterminate {
            let mut matched = self.matched.lock().unwrap_or_else(PoisonError::into_inner);
            matched.push(self.at);
        }
        self.at = self.at.saturating_add(1);
        false
    }
}

fn text(value: &Dynamic) -> String {
    dynamic_to_str(value).into_owned()
}

/// Whether the line's object is about the operation.
#[expect(clippy::needless_pass_by_value, reason = "the engine's signature")]
fn covers(operation: Dynamic, topic: Dynamic, risk: Dynamic, object: Dynamic) -> Dynamic {
    let object = Object::parse(&text(&object));
    let about = object.is_some_and(|o| o.covers(&text(&operation), &text(&topic), &text(&risk)));
    about.into()
}

/// Whether the caller's assurance is at least the line's.
#[expect(clippy::needless_pass_by_value, reason = "the engine's signature")]
fn reaches(have: Dynamic, need: Dynamic) -> Dynamic {
    let rank = |level: &str| {
        ["low", "substantial", "high"]
            .iter()
            .position(|l| *l == level)
    };
    let reached = match text(&need).as_str() {
        "*" => true,
        need => rank(&text(&have)) >= rank(need) && rank(need).is_some(),
    };
    reached.into()
}

/// Whether the line applies to the arguments, so far as they are known.
#[expect(clippy::needless_pass_by_value, reason = "the engine's signature")]
fn holds(arguments: Dynamic, condition: Dynamic, effect: Dynamic) -> Dynamic {
    let condition = text(&condition);
    if condition == "*" {
        return true.into();
    }
    let allow = text(&effect) == "allow";
    let arguments = serde_json::from_str::<Given>(&text(&arguments));
    let holds = match (Condition::parse(&condition), arguments) {
        (Ok(condition), Ok(Given { declared, given })) => {
            let applies = |given| condition.applies(&given, allow);
            condition.is_declared(&declared) && given.is_none_or(applies)
        }
        // Not reached: both were read before. A line that cannot be read denies.
        (Ok(_) | Err(_), _) => !allow,
    };
    holds.into()
}

/// Whether a line about `level` applies to the treatment asked for: an allowed one allows the
/// lesser, a denied one denies the greater.
#[expect(clippy::needless_pass_by_value, reason = "the engine's signature")]
fn within(asked: Dynamic, level: Dynamic, effect: Dynamic) -> Dynamic {
    let (asked, level) = (
        Treatment::parse(&text(&asked)),
        Treatment::parse(&text(&level)),
    );
    let applies = match (asked, level, text(&effect) == "allow") {
        (Some(asked), Some(level), true) => asked <= level,
        (Some(asked), Some(level), false) => asked >= level,
        (_, _, allow) => !allow,
    };
    applies.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refused(matcher: &str) -> bool {
        let files = Files::shipped();
        let model = files.text("model.conf").unwrap();
        let at = model.find("m = ").unwrap();
        let (head, tail) = model.split_at(at);
        let changed = format!(
            "{head}m = {}",
            matcher.replace("...", tail.strip_prefix("m = ").unwrap().trim_end())
        );
        Engine::new(&GRANTS, &files.clone().with("model.conf", changed), &[])
            .await
            .is_err()
    }

    #[tokio::test]
    async fn i3_a_matcher_can_be_narrowed_and_never_widened() {
        assert!(!refused("...").await);
        assert!(!refused(r#"... && r.kind != "none""#).await);
        for matcher in [
            "... || true",
            "true || ...",
            "(...) || true",
            "!(...)",
            "true",
            "...; true",
            "true // && ...",
            "/* ... */ true",
            r#""..." != """#,
            "... & true",
            r#"... && r.arguments == """#,
            "eval(...)",
        ] {
            assert!(refused(matcher).await, "{matcher}");
        }
    }

    #[tokio::test]
    async fn another_effect_or_definition_is_refused_by_its_line() {
        let files = Files::shipped();
        for (from, to, line) in [
            ("p.eft == deny", "p.eft == never", 14),
            ("some(where (p.eft == allow)) && ", "", 14),
            ("g = _, _", "g = _, _, _", 11),
            ("kind, arguments", "arguments, kind", 5),
            ("condition, eft", "eft, condition", 8),
        ] {
            let model = files.text("model.conf").unwrap().replace(from, to);
            let files = files.clone().with("model.conf", model);
            let faults = Engine::new(&GRANTS, &files, &[]).await.err().unwrap();
            let place: Vec<_> = faults.iter().map(|f| (f.file.as_str(), f.line)).collect();
            assert_eq!(place, [("model.conf", line)], "{from}");
        }
        for broken in ["", "[", "nothing", "[matchers]\nm = ("] {
            let files = files.clone().with("model.conf", broken);
            assert!(Engine::new(&GRANTS, &files, &[]).await.is_err(), "{broken}");
        }
    }
}
