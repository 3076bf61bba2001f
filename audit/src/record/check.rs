//! The rules of README §1 that one leaf can break by itself.

use super::{Kind, Leaf, LeafError};
use crate::calendar::{month_of, parse_date, parse_month};
use crate::checkpoint::LogKeys;
use crate::grammar::{
    DEC_MAX, is_agent, is_class, is_dotted, is_extra_name, is_origin, is_plain, is_writer,
};
use crate::hash::Hash;
use crate::seal::{BUCKET_MAX, BUCKET_MIN};

const EXTRA_MAX: usize = 1024;

impl Leaf {
    pub(super) fn check(&self) -> Result<(), LeafError> {
        let bucket =
            self.body_len.is_power_of_two() && (BUCKET_MIN..=BUCKET_MAX).contains(&self.body_len);
        let absent_or =
            |text: &Option<String>, rule: fn(&str) -> bool| text.as_deref().is_none_or(rule);
        let extra = |(name, value): (&String, &String)| {
            is_extra_name(name) && value.len() <= EXTRA_MAX && is_plain(value)
        };
        let rules = [
            ("agent", absent_or(&self.agent, is_agent)),
            ("body_len", bucket),
            ("class", is_class(&self.class)),
            ("log", is_origin(&self.log)),
            ("n", (1..=DEC_MAX).contains(&self.n)),
            ("operation", absent_or(&self.operation, is_dotted)),
            ("prev", self.seq != 0 || self.prev == Hash::ZERO),
            ("purpose", absent_or(&self.purpose, is_dotted)),
            ("retain_until", parse_date(&self.retain_until).is_some()),
            ("seq", self.seq <= DEC_MAX),
            ("writer", is_writer(&self.writer)),
            ("x", self.x.iter().all(extra)),
        ];
        if let Some((name, _)) = rules.iter().find(|(_, holds)| !holds) {
            return Err(LeafError::Member(name));
        }
        let month = parse_month(&self.period).ok_or(LeafError::Member("period"))?;
        if month > month_of(self.time_us) {
            return Err(LeafError::Period);
        }
        if self.seq == 0 {
            LogKeys::of(self).ok_or(LeafError::Genesis)?;
        }
        if self.kind == Kind::Duty {
            self.check_duty()
        } else {
            Ok(())
        }
    }

    fn check_duty(&self) -> Result<(), LeafError> {
        let said = [
            ("agent", self.agent.is_some()),
            ("decision", self.decision.is_some()),
            ("operation", self.operation.is_some()),
            ("policy", self.policy.is_some()),
            ("purpose", self.purpose.is_some()),
            ("request", self.request.is_some()),
            ("x", !self.x.is_empty()),
        ];
        match said.iter().find(|(_, there)| *there) {
            Some((name, _)) => Err(LeafError::Duty(name)),
            None => Ok(()),
        }
    }
}
