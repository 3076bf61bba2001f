//! The step from what an upstream said to what may leave, and to what may only be compared.

use super::Gateway;
use super::refusal::Refusal;
use crate::catalog::Ownership;
use crate::redaction::{self, Clean, Expected, Plan, Withheld};
use crate::telemetry::metric;
use crate::upstream::Raw;

/// Why an answer does not leave.
#[derive(Debug)]
pub(super) enum Kept {
    /// It is not what the catalog says, or not the subject's.
    Withheld(Withheld),
    /// It could not be made fit.
    Refused(Refusal),
}

impl Gateway {
    /// Projects an answer; free text in it gets the conversation's placeholders.
    pub(super) async fn redact(
        &self,
        raw: &Raw,
        expected: &[Expected],
        conversation: Option<[u8; 16]>,
    ) -> Result<Clean, Kept> {
        let projected = self.projected(raw, expected, conversation).await?;
        metric::hidden("upstream", projected.hidden());
        Ok(projected)
    }

    async fn projected(
        &self,
        raw: &Raw,
        expected: &[Expected],
        conversation: Option<[u8; 16]>,
    ) -> Result<Clean, Kept> {
        let permit = raw.permit();
        let plan = self.plans.of(permit);
        let caller = permit.caller();
        let has_text = permit.operation().fields.iter().any(|field| field.text);
        if !has_text {
            return clean(raw, &plan, expected, &mut str::to_owned).map_err(Kept::Withheld);
        }
        let known = self.recent().known(caller);
        let profile = &self.profiles.agent;
        let mut numbers = self
            .numbers(caller, conversation)
            .await
            .map_err(Kept::Refused)?;
        let mut text =
            |text: &str| redaction::redact(text, &known, profile, numbers.numbering()).text;
        let projected = clean(raw, &plan, expected, &mut text).map_err(Kept::Withheld)?;
        if !numbers.has_new() {
            return Ok(projected);
        }
        let mut numbers = self.keep_numbers(numbers).await.map_err(Kept::Refused)?;
        let mut text =
            |text: &str| redaction::redact(text, &known, profile, numbers.numbering()).text;
        clean(raw, &plan, expected, &mut text).map_err(Kept::Withheld)
    }
}

fn clean(
    raw: &Raw,
    plan: &Plan,
    expected: &[Expected],
    text: &mut dyn FnMut(&str) -> String,
) -> Result<Clean, Withheld> {
    let permit = raw.permit();
    let subject = permit
        .caller()
        .subject()
        .map(|subject| subject.uid.as_str());
    let uid = subject.filter(|_uid| permit.operation().ownership != Ownership::None);
    redaction::clean(raw.bytes(), plan, uid, expected, text)
}
