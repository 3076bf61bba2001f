//! A request for a token as it came, and whether it is of the form it must have.

use super::{Cause, NotIssued};
use crate::identity::Scopes;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The parameters of a request to the token endpoint (RFC 8693 §2.1), as they came.
#[derive(Default)]
pub struct TokenRequest {
    /// `grant_type`.
    pub grant_type: Option<String>,
    /// `subject_token`: the customer's.
    pub subject_token: Option<String>,
    /// `subject_token_type`.
    pub subject_token_type: Option<String>,
    /// `actor_token`: the agent's.
    pub actor_token: Option<String>,
    /// `actor_token_type`.
    pub actor_token_type: Option<String>,
    /// `requested_token_type`.
    pub requested_token_type: Option<String>,
    /// `scope`.
    pub scope: Option<String>,
    /// Every `resource` and `audience`.
    pub targets: Vec<String>,
    /// `client_id`.
    pub client_id: Option<String>,
    /// `client_assertion`: the agent's.
    pub client_assertion: Option<String>,
    /// `client_assertion_type`.
    pub client_assertion_type: Option<String>,
    /// Whether it came with credentials of another kind, which none but these may stand beside.
    pub other_authentication: bool,
}

impl std::fmt::Debug for TokenRequest {
    /// Nothing of what was sent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenRequest").finish_non_exhaustive()
    }
}

/// Whether what the agent proves itself with is of a type we know.
pub(super) fn proofs_fit(request: &TokenRequest) -> bool {
    let typed = |given: &Option<String>, typ: &Option<String>, known: &[&str]| match given {
        None => typ.is_none(),
        Some(_) => typ.as_deref().is_some_and(|typ| known.contains(&typ)),
    };
    let tokens = [ACCESS_TOKEN, JWT];
    typed(
        &request.client_assertion,
        &request.client_assertion_type,
        &[ASSERTION],
    ) && typed(&request.actor_token, &request.actor_token_type, &tokens)
}

/// What is asked for, if it is of the form it must have: the scopes.
pub(super) fn checked(request: &TokenRequest, targets: &[String]) -> Result<Option<Scopes>, Cause> {
    if request.grant_type.as_deref() != Some(GRANT_TYPE) {
        let why = match request.grant_type {
            Some(_) => NotIssued::GrantType,
            None => NotIssued::Malformed,
        };
        return Err(Cause(why, "grant_type"));
    }
    let is_token = |typ: &str| [ACCESS_TOKEN, JWT].contains(&typ);
    let subject_type = request.subject_token_type.as_deref();
    if request.subject_token.is_none() || !subject_type.is_some_and(is_token) {
        return Err(Cause(NotIssued::Malformed, "subject_token"));
    }
    let wanted = request.requested_token_type.as_deref();
    if !wanted.is_none_or(is_token) {
        return Err(Cause(NotIssued::Malformed, "requested_token_type"));
    }
    if !request.targets.iter().all(|one| targets.contains(one)) {
        return Err(Cause(NotIssued::Target, "resource or audience"));
    }
    match request.scope.as_deref() {
        None => Ok(None),
        Some(text) => match Scopes::asked(text) {
            Some(scopes) => Ok(Some(scopes)),
            None => Err(Cause(NotIssued::Scope, "scope")),
        },
    }
}
