//! From an agent and a session to a signed token.

use super::super::scope::Scopes;
use super::super::token::LONGEST;
use super::super::verify::own;
use super::super::{AttributeKind, Identity};
use super::{Acting, Exchange, Minted, NotMinted, Session};
use serde_json::{Map, Value, json};

impl Identity {
    /// A token for `acting` in `session`, with the scopes asked for, else with all that both have.
    pub fn mint(
        &self,
        acting: &Acting,
        session: &Session,
        asked: Option<Scopes>,
        now_s: i64,
    ) -> Result<Minted, NotMinted> {
        let exchange = self.exchange.as_ref().ok_or(NotMinted::Unsigned)?;
        let agent = acting.caller.agent().id.as_str();
        // RFC 8693 §4.4.
        if let Some(may) = &session.may_act
            && may.get("sub").and_then(Value::as_str) != Some(agent)
        {
            return Err(NotMinted::MayNotAct);
        }
        let scopes = narrowed(acting.caller.scopes(), session.scopes.as_ref(), asked)?;
        let expires_at_s = now_s
            .saturating_add(exchange.lifetime_s)
            .min(session.expires_at_s)
            .min(acting.until_s);
        if expires_at_s <= now_s {
            return Err(NotMinted::Ended);
        }
        let jti = crate::random::bytes::<16>().map_err(|_error| NotMinted::Unsigned)?;
        let jti = hex::encode(jti);
        let scope = scopes.to_string();
        let mut claims = exchange.claims(agent, session);
        for (name, value) in [
            ("iat", now_s.into()),
            ("exp", expires_at_s.into()),
            ("jti", jti.as_str().into()),
            ("scope", scope.as_str().into()),
        ] {
            claims.insert(name.to_owned(), value);
        }
        let header = exchange.signer.header("at+jwt");
        let token = exchange.signer.sign(header, claims);
        let token = token.map_err(|_error| NotMinted::Unsigned)?;
        if token.len() > LONGEST {
            return Err(NotMinted::TooLong);
        }
        Ok(Minted {
            token,
            jti,
            expires_in_s: expires_at_s.saturating_sub(now_s),
            scope,
        })
    }
}

/// What both tokens have, and of that what is asked for.
fn narrowed(
    agent: Option<&Scopes>,
    session: Option<&Scopes>,
    asked: Option<Scopes>,
) -> Result<Scopes, NotMinted> {
    let all = Scopes::all();
    let both = agent.unwrap_or(&all).and(session.unwrap_or(&all));
    let scopes = match asked {
        Some(asked) if asked.within(&both) => asked,
        Some(_) => return Err(NotMinted::Scope),
        None => both,
    };
    if scopes.is_empty() {
        return Err(NotMinted::Scope);
    }
    Ok(scopes)
}

impl Exchange {
    /// A token of ours that says whatever a test wants it to.
    #[cfg(test)]
    pub(in crate::identity) fn sign_for_test(&self, claims: Map<String, Value>) -> String {
        let header = self.signer.header("at+jwt");
        self.signer.sign(header, claims).unwrap_or_default()
    }

    /// What a token says of the agent and the session.
    fn claims(&self, agent: &str, session: &Session) -> Map<String, Value> {
        let customer = &session.customer;
        let subject = customer.subject();
        let known = |kind: AttributeKind| {
            let all = session.known.iter().filter(|one| one.kind == kind);
            all.map(|one| one.value.as_str()).collect::<Vec<_>>()
        };
        let assurance = crate::policy::assurance_str(customer.assurance());
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", self.name.as_str().into());
        put("aud", self.name.as_str().into());
        put("sub", subject.sub.as_str().into());
        put(
            own::SUBJECT,
            json!({"format": "iss_sub", "iss": subject.issuer, "sub": subject.sub}),
        );
        put("uid", subject.uid.as_str().into());
        put("act", json!({ "sub": agent }));
        put("client_id", agent.into());
        put("acr", assurance.into());
        if let Some(auth_time_s) = session.auth_time_s {
            put("auth_time", auth_time_s.into());
        }
        if let Some(sid) = customer.session() {
            put("sid", sid.into());
        }
        put(
            own::BEHIND,
            json!({
                "iat": customer.issued_at_s(),
                "token": hex::encode(customer.token()),
                "names": known(AttributeKind::Name),
                "emails": known(AttributeKind::Email),
                "phones": known(AttributeKind::Phone),
                "births": known(AttributeKind::BirthDate),
                "documents": known(AttributeKind::Document),
                "addresses": known(AttributeKind::Address),
            }),
        );
        claims
    }
}
