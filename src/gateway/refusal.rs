//! Why a call was refused: a closed list with a code, a status and a text each.
//!
//! Promises I10: whatever is decided after `forward` is [`Refusal::NotFound`], with one code, one
//! text, one size. An operation that does not exist and one that is not granted are both
//! [`Refusal::Denied`]. Causes go to the log and the sealed record, never into these texts.

use super::call::Language;
use crate::catalog::Effect;

/// Why a call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// No token, or one that does not verify.
    Unauthenticated,
    /// A verified token that is not an agent's (or not of the kind this endpoint is for).
    WrongKind,
    /// Over quota.
    OverQuota,
    /// Too many wrong guesses about a fact of this customer.
    GuessesSpent,
    /// The request is not of the form it must have.
    Malformed,
    /// The request is larger than the limit.
    TooLarge,
    /// The body is not JSON by its media type.
    MediaType,
    /// Not granted, or no such operation.
    Denied,
    /// Granted to the agent, and not within its token's scopes (RFC 6750 §3.1).
    InsufficientScope(Effect),
    /// A switch is off.
    Stopped,
    /// An argument is missing, unknown, or not as declared.
    InvalidArguments,
    /// The subject must sign in more strongly (RFC 9470).
    StepUp,
    /// The operation needs a signed-in customer.
    SignInRequired,
    /// The subject was erased since the token was issued.
    SignInAgain,
    /// There is no open conversation with the AI disclosure.
    ConversationRequired,
    /// Not there, not theirs, or not to be had now.
    NotFound,
    /// A write that may have happened; nobody knows yet. What it is about was proved to be the
    /// subject's own before, so this tells nothing that not found would hide.
    OutcomeUnknown,
    /// A write without an idempotency key.
    KeyRequired,
    /// The idempotency key was used with other arguments.
    KeyReused,
    /// The first call under this idempotency key has no outcome yet.
    StillOpen,
    /// A case is not in the state this needs, or the officer may not.
    Conflict,
    /// A read of content without reason or case.
    ReasonRequired,
    /// A turn of the assistant or of staff asks the customer for a secret; it must not be shown.
    AsksForSecret,
    /// The record could not be written, so nothing may be said.
    Unrecorded,
    /// Our own fault.
    Internal,
}

impl Refusal {
    /// Every refusal, for tables and tests.
    pub const ALL: [Self; 25] = [
        Self::Unauthenticated,
        Self::WrongKind,
        Self::OverQuota,
        Self::GuessesSpent,
        Self::Malformed,
        Self::TooLarge,
        Self::MediaType,
        Self::Denied,
        Self::InsufficientScope(Effect::Read),
        Self::Stopped,
        Self::InvalidArguments,
        Self::StepUp,
        Self::SignInRequired,
        Self::SignInAgain,
        Self::ConversationRequired,
        Self::NotFound,
        Self::OutcomeUnknown,
        Self::KeyRequired,
        Self::KeyReused,
        Self::StillOpen,
        Self::Conflict,
        Self::ReasonRequired,
        Self::AsksForSecret,
        Self::Unrecorded,
        Self::Internal,
    ];

    /// The code in problem documents, MCP results, records and metrics.
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status.
    pub fn status(self) -> http::StatusCode {
        http::StatusCode::from_u16(self.row().1).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// A sentence for the developer.
    pub fn title(self) -> &'static str {
        self.row().2
    }

    #[expect(clippy::too_many_lines, reason = "one table, a row a refusal")]
    fn row(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::Unauthenticated => (
                "unauthenticated",
                401,
                "The token is missing or does not verify.",
            ),
            Self::WrongKind => (
                "wrong_kind",
                403,
                "This token is not of the kind needed here.",
            ),
            Self::OverQuota => ("over_quota", 429, "Too many requests."),
            Self::GuessesSpent => (
                "guesses_spent",
                429,
                "Too many wrong guesses; this is not compared for now.",
            ),
            Self::Malformed => (
                "malformed",
                400,
                "The request is not of the form it must have.",
            ),
            Self::TooLarge => ("too_large", 413, "The request is too large."),
            Self::MediaType => ("media_type", 415, "The body must be application/json."),
            Self::Denied => ("denied", 403, "No such operation, or not granted."),
            Self::InsufficientScope(_) => (
                "insufficient_scope",
                403,
                "The token's scopes do not cover this operation.",
            ),
            Self::Stopped => ("stopped", 403, "Stopped by an officer for now."),
            Self::InvalidArguments => (
                "invalid_arguments",
                422,
                "An argument is missing, unknown or not as declared.",
            ),
            Self::StepUp => (
                "insufficient_user_authentication",
                401,
                "The customer must sign in with a second factor.",
            ),
            Self::SignInRequired => (
                "sign_in_required",
                403,
                "The operation needs a signed-in customer.",
            ),
            Self::SignInAgain => ("sign_in_again", 401, "The customer must sign in again."),
            Self::ConversationRequired => (
                "conversation_required",
                409,
                "There is no open conversation with the AI disclosure.",
            ),
            Self::NotFound => ("not_found", 404, "Not found, or not available now."),
            Self::OutcomeUnknown => (
                "outcome_unknown",
                409,
                "It may have been done; do not repeat it under another key.",
            ),
            Self::KeyRequired => (
                "idempotency_key_required",
                400,
                "A write needs an Idempotency-Key.",
            ),
            Self::KeyReused => (
                "idempotency_key_reused",
                422,
                "The Idempotency-Key was used with other arguments.",
            ),
            Self::StillOpen => (
                "still_open",
                409,
                "The first call under this Idempotency-Key has no outcome yet.",
            ),
            Self::Conflict => ("conflict", 409, "Not in this state, or not by this person."),
            Self::ReasonRequired => (
                "reason_required",
                400,
                "Reading content needs Access-Reason and Access-Case.",
            ),
            Self::AsksForSecret => (
                "asks_for_secret",
                422,
                "The turn asks the customer for a secret; do not show it.",
            ),
            Self::Unrecorded => (
                "unrecorded",
                503,
                "The record could not be written, so nothing is answered.",
            ),
            Self::Internal => ("internal", 500, "An error on our side."),
        }
    }

    /// A sentence fit for the customer, with the next step.
    pub fn say(self, language: Language) -> &'static str {
        match language {
            Language::En => self.say_en(),
            Language::Ru => self.say_ru(),
            Language::De => self.say_de(),
        }
    }

    fn say_en(self) -> &'static str {
        match self {
            Self::Unauthenticated | Self::WrongKind | Self::SignInAgain => {
                "Please sign in again to continue."
            }
            Self::OverQuota => "That was a lot at once. Please try again in a moment.",
            Self::GuessesSpent => {
                "I cannot check this any further today. A member of our staff can help you."
            }
            Self::Malformed
            | Self::TooLarge
            | Self::MediaType
            | Self::KeyRequired
            | Self::KeyReused
            | Self::ReasonRequired => {
                "I could not process that. Please put it in other words, or ask for a person."
            }
            Self::Denied | Self::InsufficientScope(_) => {
                "I cannot do this here. A member of our staff can help you."
            }
            Self::Stopped => {
                "This is paused at the moment. I can hand you over to a member of our staff."
            }
            Self::StepUp => "Please confirm with your second factor, then ask me again.",
            Self::SignInRequired => "Please sign in first, then I can look at your account.",
            Self::ConversationRequired => {
                "You are talking to an AI assistant. Please open a new chat to continue."
            }
            Self::InvalidArguments | Self::NotFound => {
                "I cannot find this or reach it at the moment. Please check the details, or ask for a person."
            }
            Self::OutcomeUnknown => {
                "This may have been done already. Please do not repeat it; a member of our staff will check."
            }
            Self::StillOpen => "This is already being worked on. Please wait a moment.",
            Self::Conflict => "This has already been dealt with.",
            Self::AsksForSecret => {
                "Never tell anybody your password, PIN, one-time codes, private key or seed phrase, us included. I do not need them. How else can I help?"
            }
            Self::Unrecorded | Self::Internal => {
                "I cannot answer right now. Please try again soon, or ask for a person."
            }
        }
    }

    fn say_ru(self) -> &'static str {
        match self {
            Self::Unauthenticated | Self::WrongKind | Self::SignInAgain => {
                "Пожалуйста, войдите ещё раз, чтобы продолжить."
            }
            Self::OverQuota => "Слишком много запросов сразу. Попробуйте через минуту.",
            Self::GuessesSpent => {
                "Сегодня я больше не могу это сверить. Вам поможет наш сотрудник."
            }
            Self::Malformed
            | Self::TooLarge
            | Self::MediaType
            | Self::KeyRequired
            | Self::KeyReused
            | Self::ReasonRequired => {
                "Не получилось это обработать. Скажите другими словами или позовите сотрудника."
            }
            Self::Denied | Self::InsufficientScope(_) => {
                "Здесь я этого сделать не могу. Вам поможет наш сотрудник."
            }
            Self::Stopped => "Сейчас это приостановлено. Могу передать вас нашему сотруднику.",
            Self::StepUp => "Подтвердите вход вторым фактором и спросите ещё раз.",
            Self::SignInRequired => "Сначала войдите в аккаунт, и я смогу посмотреть.",
            Self::ConversationRequired => {
                "Вы говорите с ИИ-помощником. Откройте, пожалуйста, новый чат."
            }
            Self::InvalidArguments | Self::NotFound => {
                "Не могу это найти или получить сейчас. Проверьте данные или позовите сотрудника."
            }
            Self::OutcomeUnknown => {
                "Возможно, это уже сделано. Не повторяйте, пожалуйста: сотрудник проверит."
            }
            Self::StillOpen => "Это уже выполняется. Подождите, пожалуйста, немного.",
            Self::Conflict => "Это уже решено.",
            Self::AsksForSecret => {
                "Никому не сообщайте пароль, ПИН-код, одноразовые коды, приватный ключ и сид-фразу, в том числе нам. Мне они не нужны. Чем ещё помочь?"
            }
            Self::Unrecorded | Self::Internal => {
                "Сейчас я не могу ответить. Попробуйте чуть позже или позовите сотрудника."
            }
        }
    }

    fn say_de(self) -> &'static str {
        match self {
            Self::Unauthenticated | Self::WrongKind | Self::SignInAgain => {
                "Bitte melden Sie sich erneut an, um fortzufahren."
            }
            Self::OverQuota => {
                "Das war viel auf einmal. Bitte versuchen Sie es gleich noch einmal."
            }
            Self::GuessesSpent => {
                "Das kann ich heute nicht mehr abgleichen. Unsere Mitarbeiter helfen Ihnen gern."
            }
            Self::Malformed
            | Self::TooLarge
            | Self::MediaType
            | Self::KeyRequired
            | Self::KeyReused
            | Self::ReasonRequired => {
                "Das konnte ich nicht verarbeiten. Bitte sagen Sie es anders oder fragen Sie nach einem Menschen."
            }
            Self::Denied | Self::InsufficientScope(_) => {
                "Das kann ich hier nicht tun. Unsere Mitarbeiter helfen Ihnen gern."
            }
            Self::Stopped => {
                "Das ist im Moment angehalten. Ich kann Sie an unsere Mitarbeiter übergeben."
            }
            Self::StepUp => {
                "Bitte bestätigen Sie mit dem zweiten Faktor und fragen Sie dann noch einmal."
            }
            Self::SignInRequired => {
                "Bitte melden Sie sich zuerst an, dann kann ich in Ihr Konto sehen."
            }
            Self::ConversationRequired => {
                "Sie sprechen mit einem KI-Assistenten. Bitte öffnen Sie einen neuen Chat."
            }
            Self::InvalidArguments | Self::NotFound => {
                "Das finde ich nicht oder erreiche es gerade nicht. Bitte prüfen Sie die Angaben oder fragen Sie nach einem Menschen."
            }
            Self::OutcomeUnknown => {
                "Das ist vielleicht schon geschehen. Bitte nicht wiederholen; unsere Mitarbeiter prüfen es."
            }
            Self::StillOpen => "Das läuft bereits. Bitte warten Sie einen Moment.",
            Self::Conflict => "Das ist bereits erledigt.",
            Self::AsksForSecret => {
                "Nennen Sie niemandem Ihr Passwort, Ihre PIN, Einmalcodes, Ihren privaten Schlüssel oder Ihre Seed-Phrase, auch uns nicht. Ich brauche sie nicht. Wie kann ich sonst helfen?"
            }
            Self::Unrecorded | Self::Internal => {
                "Ich kann gerade nicht antworten. Bitte versuchen Sie es bald wieder oder fragen Sie nach einem Menschen."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn i10_codes_are_unique_and_every_text_is_there() {
        let codes: HashSet<_> = Refusal::ALL.iter().map(|r| r.code()).collect();
        assert_eq!(codes.len(), Refusal::ALL.len());
        for refusal in Refusal::ALL {
            for language in [Language::En, Language::Ru, Language::De] {
                let say = refusal.say(language);
                assert!(!say.is_empty());
                assert_eq!(tidewaiter_redaction::request(say), None, "{say}");
            }
            assert!(refusal.status().as_u16() >= 400);
        }
    }
}
