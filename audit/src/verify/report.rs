//! Verdicts and exit status (README §7), and how they read.

use std::fmt;

use super::finding::Findings;
use super::head::{self, Compared};
use super::{Judged, Options, Topic};
use crate::bundle::Scope;
use crate::checkpoint::Checkpoint;

/// What exit status 0 asks for, with or without `--require`. Integrity and authenticity are never
/// attested.
const ALWAYS: [Topic; 3] = [Topic::Integrity, Topic::Authenticity, Topic::Completeness];

/// One verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Follows from what was checked.
    Proved,
    /// The operator says so under a trusted signature.
    Attested,
    /// Was not, or could not be, checked.
    Unproven,
    /// Was checked and is wrong.
    Invalid,
}

impl Verdict {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Attested => "attested",
            Self::Unproven => "unproven",
            Self::Invalid => "invalid",
        }
    }

    fn at_least_attested(self) -> bool {
        matches!(self, Self::Proved | Self::Attested)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The five verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in Topic")]
pub struct Verdicts {
    pub integrity: Verdict,
    pub authenticity: Verdict,
    pub completeness: Verdict,
    pub time: Verdict,
    pub erasure: Verdict,
}

impl Verdicts {
    const UNPROVEN: Self = Self {
        integrity: Verdict::Unproven,
        authenticity: Verdict::Unproven,
        completeness: Verdict::Unproven,
        time: Verdict::Unproven,
        erasure: Verdict::Unproven,
    };

    /// The verdict on a topic.
    pub fn on(&self, topic: Topic) -> Verdict {
        match topic {
            Topic::Integrity => self.integrity,
            Topic::Authenticity => self.authenticity,
            Topic::Completeness => self.completeness,
            Topic::Time => self.time,
            Topic::Erasure => self.erasure,
        }
    }
}

/// The judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// 0, 2, 10, 11 or 12.
    pub exit: u8,
    /// The five verdicts; nothing where the verifier could not begin (exit 2).
    pub verdicts: Option<Verdicts>,
    /// What was found, in sentences.
    pub findings: Vec<String>,
}

impl Report {
    pub(super) fn usage(text: String) -> Self {
        Self {
            exit: 2,
            verdicts: None,
            findings: vec![text],
        }
    }

    /// Gives verdicts and exit status.
    pub(super) fn weigh(
        judged: Option<Judged>,
        mut findings: Findings,
        options: &Options,
        head: Option<&Checkpoint>,
    ) -> Self {
        let judged = judged.filter(|_| !findings.any_broken());
        let Some(judged) = judged else {
            let verdicts = Verdicts {
                integrity: Verdict::Invalid,
                ..Verdicts::UNPROVEN
            };
            return Self {
                exit: 10,
                verdicts: Some(verdicts),
                findings: findings.into_list(),
            };
        };
        let verdicts = judged.verdicts(options, &mut findings);
        let compared = head.map(|head| head::compare(&judged, head));
        match compared {
            Some(Compared::Contradicts) => findings.note(
                "the bundle contradicts the checkpoint you hold: the operator signed two histories"
                    .into(),
            ),
            Some(Compared::Incomparable) => findings.note(
                "the bundle cannot be compared with the checkpoint you hold: it is of another log, \
                 later than the bundle, or of a size that the bundle proves nothing about"
                    .into(),
            ),
            Some(Compared::Agrees) | None => {}
        }
        let mut enough = ALWAYS.iter().chain(&options.require);
        let exit = if verdicts.authenticity == Verdict::Invalid {
            10
        } else if compared == Some(Compared::Contradicts) {
            11
        } else if compared == Some(Compared::Incomparable)
            || !enough.all(|topic| verdicts.on(*topic).at_least_attested())
        {
            12
        } else {
            0
        };
        Self {
            exit,
            verdicts: Some(verdicts),
            findings: findings.into_list(),
        }
    }

    /// `{"exit":…,"verdicts":{…},"findings":[…]}`, on one line.
    pub fn to_json(&self) -> String {
        let verdicts = self.verdicts.map(|verdicts| {
            let each = Topic::ALL.map(|t| format!("\"{}\":\"{}\"", t.as_str(), verdicts.on(t)));
            format!("{{{}}}", each.join(","))
        });
        let findings = serde_json::Value::from(self.findings.clone());
        let verdicts = verdicts.unwrap_or_else(|| "null".into());
        format!(
            "{{\"exit\":{},\"verdicts\":{verdicts},\"findings\":{findings}}}",
            self.exit
        )
    }
}

impl fmt::Display for Report {
    /// A line for each verdict with a sentence, then the findings, then what it comes to.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(verdicts) = self.verdicts {
            for topic in Topic::ALL {
                let verdict = verdicts.on(topic);
                writeln!(
                    f,
                    "{:<13} {verdict:<9} {}",
                    topic.as_str(),
                    sentence(topic, verdict)
                )?;
            }
        }
        if !self.findings.is_empty() {
            writeln!(f, "\nWhat was found:")?;
        }
        for finding in &self.findings {
            writeln!(f, "  - {finding}")?;
        }
        let outcome = match self.exit {
            0 => "The bundle is sound, and it is signed by the keys you trust.",
            10 => {
                "Do not rely on this bundle: it was changed, is damaged, or is not from the log you trust."
            }
            11 => "Do not rely on this bundle: it contradicts what was signed before. Keep both.",
            12 => "Not enough is proved to rely on this bundle.",
            _ => "The bundle could not be checked.",
        };
        writeln!(f, "\n{outcome} (exit status {})", self.exit)
    }
}

/// What a verdict says, for somebody who reads one for the first time.
fn sentence(topic: Topic, verdict: Verdict) -> &'static str {
    use Verdict::{Attested, Invalid, Proved, Unproven};
    match (topic, verdict) {
        (Topic::Integrity, Proved) => "Every file and record is as it was when it was signed.",
        (Topic::Integrity, Attested | Unproven) => {
            "It was not checked whether anything was changed."
        }
        (Topic::Integrity, Invalid) => "Something was changed, is missing, or breaks the format.",
        (Topic::Authenticity, Proved) => "It is signed by the log key and the witnesses you trust.",
        (Topic::Authenticity, Attested | Unproven) => "It is not known who signed it.",
        (Topic::Authenticity, Invalid) => "It is not signed as your trust file demands.",
        (Topic::Completeness, Proved) => "No record in the range asked for is left out.",
        (Topic::Completeness, Attested) => "The operator says that nothing else was found.",
        (Topic::Completeness, Unproven | Invalid) => "Records may have been left out.",
        (Topic::Time, Proved) => "The times are confirmed from outside.",
        (Topic::Time, Attested) => "The times are the operator's own word.",
        (Topic::Time, Unproven | Invalid) => "Nothing confirms when the records were made.",
        (Topic::Erasure, Proved) => "Nothing in scope was erased.",
        (Topic::Erasure, Attested) => {
            "What is missing, if anything, was erased on record: the operator's word."
        }
        (Topic::Erasure, Unproven | Invalid) => "Not everything that is missing is accounted for.",
    }
}

impl Judged {
    /// The verdicts, every rule being kept.
    fn verdicts(&self, options: &Options, findings: &mut Findings) -> Verdicts {
        let base = Verdicts {
            integrity: Verdict::Proved,
            ..Verdicts::UNPROVEN
        };
        let Some(trust) = &options.trust else {
            findings.note("no trust file was given, so it is not known who signed this".into());
            return base;
        };
        if let Err(error) = trust.judge(&self.proofs.head.note, &self.keys.checkpoint) {
            findings.note(error.to_string());
            return Verdicts {
                authenticity: Verdict::Invalid,
                ..base
            };
        }
        let range = matches!(self.scope, Scope::Range { .. });
        let either = |proved| {
            if proved {
                Verdict::Proved
            } else {
                Verdict::Attested
            }
        };
        let erasure = either(range && !self.missing);
        Verdicts {
            integrity: Verdict::Proved,
            authenticity: Verdict::Proved,
            completeness: either(range && !self.withheld),
            time: Verdict::Attested,
            erasure: if self.withheld {
                Verdict::Unproven
            } else {
                erasure
            },
        }
    }
}
