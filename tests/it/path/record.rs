//! Every answer has its record, which it names.

use super::{ALLOWED, Cast, DENIED, IN_VAIN};
use crate::harness::stand::Stand;
use crate::wire::{Got, Wire};
use serde_json::{Value, json};
use tidewaiter::demo::exchange::Misbehaviour;
use tidewaiter::ledger::{Draft, Effect, Owner, switch};
use tidewaiter_audit::{Decision, Kind};

type Left = (Kind, Option<Decision>);

fn left(word: &str) -> Left {
    match word {
        "allowed" => ALLOWED,
        "in-vain" => IN_VAIN,
        "denied" => DENIED,
        other => panic!("{other}"),
    }
}

/// Who asks what with which arguments; status, code and record that must come of it.
const CALLS: &str = r#"
bot   balances.balance   {"currency":"btc"}                              200 -                     allowed
bot   networks.status    {"currency":"btc"}                              200 -                     allowed
bot   withdrawals.status {"tid":"OWN"}                                   200 -                     allowed
bot   withdrawals.status {"tid":"TID0000000000"}                         404 not_found             in-vain
bot   withdrawals.status {"tid":"FOREIGN"}                               404 not_found             in-vain
bot   support.open_case  {"topic":"other","summary":"x","withdrawal":"FOREIGN"} 404 not_found      in-vain
bot   margin.add         {"amount":"1","currency":"usdt"}                403 denied                denied
bot   none.such          {}                                              403 denied                denied
bot   balances.balance   {"currency":"btc","limit":1}                    422 invalid_arguments     denied
bot   balances.balance   {}                                              422 invalid_arguments     denied
bot   withdrawals.list   {"limit":51}                                    422 invalid_arguments     denied
lone  balances.balance   {"currency":"btc"}                              409 conversation_required denied
lost  balances.balance   {"currency":"btc"}                              409 conversation_required denied
flow  withdrawals.cancel {"tid":"OWN"}                                   401 insufficient_user_authentication denied
guest balances.balance   {"currency":"btc"}                              403 sign_in_required      denied
"#;

/// Tools in the same way; the status is that of HTTP.
const TOOLS: &str = r#"
bot   balances_balance   {"currency":"btc"}                              200 -                     allowed
bot   margin_add         {}                                              200 denied                denied
bot   none_such          {}                                              200 denied                denied
bot   balances_balance   {"uid":"x"}                                     200 invalid_arguments     denied
lone  balances_balance   {"currency":"btc"}                              200 conversation_required denied
bot   withdrawals_status {"tid":"FOREIGN"}                               200 not_found             in-vain
bot   support_open_case  {"topic":"other","summary":"x"}                 200 idempotency_key_required denied
"#;

/// Requests of no form: a header, a body.
const FORMS: &str = r#"
-                       {                                                400 malformed
-                       []                                               400 malformed
-                       {"arguments":{"currency":"btc","currency":"eth"}} 400 malformed
-                       {"arguments":{},"subject":"x"}                   400 malformed
idempotency-key:        {}                                               400 malformed
content-type:text/plain {}                                               415 media_type
-                       LARGE                                            413 too_large
-                       {"arguments":{},"purpose":"support.kyc"}         403 denied
"#;

fn rows(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| line.split_whitespace().collect())
        .collect()
}

/// Asserts status and code, that one record was written since `from`, and that it is the one named.
async fn expect(stand: &Stand, from: i64, got: Got, status: &str, code: &str, is: Left) {
    let code = if code == "-" { "" } else { code };
    assert_eq!(
        (&*got.status.to_string(), &*got.code()),
        (status, code),
        "{}",
        got.text()
    );
    assert_eq!(stand.only_record(from, &got).await, is, "{}", got.text());
}

impl Cast {
    fn asker(&self, name: &str) -> (&Wire, &str) {
        match name {
            "bot" => (&self.bot, &self.chat),
            "lone" => (&self.bot, ""),
            "lost" => (&self.bot, "00112233445566778899aabbccddeeff"),
            "flow" => (&self.flow, &self.flow_chat),
            "guest" => (&self.guest, &self.guest_chat),
            other => panic!("{other}"),
        }
    }

    fn arguments(&self, text: &str) -> Value {
        let text = text
            .replace("OWN", &self.own)
            .replace("FOREIGN", &self.foreign);
        serde_json::from_str(&text).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_every_kind_of_answer_has_one_record_that_it_names() {
    for stand in Stand::each().await {
        let cast = Cast::of(&stand).await;
        for row in rows(CALLS) {
            let (who, chat) = cast.asker(row[0]);
            let key = [("idempotency-key", "k-1")];
            let from = stand.size();
            let got = who.call(row[1], chat, &cast.arguments(row[2]), &key).await;
            expect(&stand, from, got, row[3], row[4], left(row[5])).await;
        }
        for row in rows(TOOLS) {
            let (who, chat) = cast.asker(row[0]);
            let from = stand.size();
            let got = who.tool(row[1], chat, &cast.arguments(row[2]), None).await;
            expect(&stand, from, got, row[3], row[4], left(row[5])).await;
        }
        let large = format!("{{\"arguments\":\"{}\"}}", "b".repeat(300_000));
        for row in rows(FORMS) {
            let header: Vec<_> = row[0].split_once(':').into_iter().collect();
            let body = row[1].replace("LARGE", &large);
            let path = "/v1/operations/fees.tier";
            let body = body.replace(
                "{\"arguments\":{},\"p",
                &format!("{{\"conversation\":\"{}\",\"p", cast.chat),
            );
            let from = stand.size();
            let got = cast.bot.send("POST", path, &header, body.as_bytes()).await;
            expect(&stand, from, got, row[2], row[3], DENIED).await;
        }
        i1_failures_and_switches(&stand, &cast).await;
        stand.close().await;
    }
}

/// An upstream that fails, a message that is none, and a switch thrown: a call is stopped even
/// before this process has read the switch.
async fn i1_failures_and_switches(stand: &Stand, cast: &Cast) {
    let from = stand.size();
    stand
        .house
        .exchange
        .misbehave_next(Misbehaviour::Status(500), 1);
    let got = cast
        .bot
        .call("fees.tier", &cast.chat, &json!({}), &[])
        .await;
    expect(stand, from, got, "404", "not_found", IN_VAIN).await;
    for body in [
        "",
        "[]",
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#,
    ] {
        let from = stand.size();
        let got = cast.bot.send("POST", "/mcp", &[], body.as_bytes()).await;
        expect(stand, from, got, "400", "malformed", DENIED).await;
    }
    let row = switch::Row {
        target: "topic:fees".into(),
        reason: "complaints rise".into(),
        officer: "o-1".into(),
        since_us: 1,
    };
    let mut stop = Draft::new(Kind::Switch, Owner::Log, "service", json!({}));
    stop.effects = vec![Effect::SwitchPut(row)];
    let ledger = stand.house.running.gateway.ledger();
    ledger.append_reserved(stop).await.unwrap();
    for _again in 0..3 {
        let from = stand.size();
        let got = cast
            .bot
            .call("fees.tier", &cast.chat, &json!({}), &[])
            .await;
        expect(stand, from, got, "403", "stopped", DENIED).await;
    }
}
