//! The document of a successful call: one set of bytes for REST and MCP alike.

use crate::gateway::Answer;
use crate::policy::Treatment;
use crate::redaction::{Clean, Compared, Treated};
use serde::Serialize;

/// How a field was treated, as callers see it.
#[derive(Serialize)]
struct View<'a> {
    path: &'a str,
    class: crate::catalog::Class,
    treatment: Treatment,
}

/// What became of an expectation.
#[derive(Serialize)]
struct Told<'a> {
    path: &'a str,
    #[serde(rename = "match")]
    is_match: Option<bool>,
}

/// `{"result", "treated", "record"}` of an outcome, with `compared` if something was expected. The projected value goes in as it was
/// recorded, byte for byte. None without a record, which is not to be answered at all.
pub(super) fn of(clean: &Clean, answer: &Answer) -> Option<Vec<u8>> {
    document(
        clean.json(),
        clean.treated(),
        clean.compared(),
        &answer.rid()?,
    )
}

fn document(
    result: &[u8],
    treated: &[Treated],
    compared: &[Compared],
    rid: &str,
) -> Option<Vec<u8>> {
    // What was dropped is not named: that a staff note exists is nothing to tell either.
    let shown = treated
        .iter()
        .filter(|field| field.treatment >= Treatment::Mask);
    let views = shown.map(|field| View {
        path: &field.path,
        class: field.class,
        treatment: field.treatment,
    });
    let views: Vec<_> = views.collect();
    let mut out = Vec::with_capacity(result.len() + 96 * (views.len() + 1));
    out.extend_from_slice(b"{\"result\":");
    out.extend_from_slice(if result.is_empty() { b"null" } else { result });
    out.extend_from_slice(b",\"treated\":");
    serde_json::to_writer(&mut out, &views).ok()?;
    if !compared.is_empty() {
        let told = compared.iter().map(|compared| Told {
            path: &compared.path,
            is_match: compared.is_match,
        });
        out.extend_from_slice(b",\"compared\":");
        serde_json::to_writer(&mut out, &told.collect::<Vec<_>>()).ok()?;
    }
    out.extend_from_slice(b",\"record\":");
    serde_json::to_writer(&mut out, rid).ok()?;
    out.push(b'}');
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Class;
    use crate::policy::Treatment;

    #[test]
    fn numbers_and_order_stay_as_they_were_recorded() {
        let treated = [Treated {
            path: "[].\"odd\"".into(),
            class: Class::Wallet,
            treatment: Treatment::Mask,
            count: 1,
        }];
        let result = br#"[{"z":1.10,"a":0.300000000000000000001}]"#;
        let document = document(result, &treated, &[], "00ff").unwrap();
        insta::assert_snapshot!(
            std::str::from_utf8(&document).unwrap(),
            @r#"{"result":[{"z":1.10,"a":0.300000000000000000001}],"treated":[{"path":"[].\"odd\"","class":"wallet","treatment":"mask"}],"record":"00ff"}"#
        );
    }

    #[test]
    fn an_answer_without_content_is_null() {
        let document = document(b"", &[], &[], "00ff").unwrap();
        assert_eq!(document, br#"{"result":null,"treated":[],"record":"00ff"}"#);
    }

    #[test]
    fn what_was_compared_is_told_and_not_shown() {
        let compared = [Some(true), Some(false), None].map(|is_match| Compared {
            path: "phone".into(),
            is_match,
        });
        let document = document(b"{}", &[], &compared, "00ff").unwrap();
        insta::assert_snapshot!(std::str::from_utf8(&document).unwrap(), @r#"{"result":{},"treated":[],"compared":[{"path":"phone","match":true},{"path":"phone","match":false},{"path":"phone","match":null}],"record":"00ff"}"#);
    }
}
