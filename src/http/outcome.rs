//! The document of a successful call: one set of bytes for REST and MCP alike.

use crate::gateway::Answer;
use crate::policy::Treatment;
use crate::redaction::{Clean, Treated};
use serde::Serialize;

/// How a field was treated, as callers see it.
#[derive(Serialize)]
struct View<'a> {
    path: &'a str,
    class: crate::catalog::Class,
    treatment: Treatment,
}

/// `{"result", "treated", "record"}` of an outcome. The projected value goes in as it was
/// recorded, byte for byte. None without a record, which is not to be answered at all.
pub(super) fn of(clean: &Clean, answer: &Answer) -> Option<Vec<u8>> {
    document(clean.json(), clean.treated(), &answer.rid()?)
}

fn document(result: &[u8], treated: &[Treated], rid: &str) -> Option<Vec<u8>> {
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
        let document = document(result, &treated, "00ff").unwrap();
        insta::assert_snapshot!(
            std::str::from_utf8(&document).unwrap(),
            @r#"{"result":[{"z":1.10,"a":0.300000000000000000001}],"treated":[{"path":"[].\"odd\"","class":"wallet","treatment":"mask"}],"record":"00ff"}"#
        );
    }

    #[test]
    fn an_answer_without_content_is_null() {
        let document = document(b"", &[], "00ff").unwrap();
        assert_eq!(document, br#"{"result":null,"treated":[],"record":"00ff"}"#);
    }
}
