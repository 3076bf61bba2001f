use super::*;
use std::fmt::Write;

#[test]
fn metadata_stand_where_a_client_looks_for_them() {
    let at = |url: &str| HttpSettings::new(url);
    let root = at("https://tide.example");
    assert_eq!(
        root.well_known(RESOURCE, MCP),
        "https://tide.example/.well-known/oauth-protected-resource/mcp"
    );
    let below = at("https://tide.example/gate/way");
    assert_eq!(
        below.well_known(RESOURCE, MCP),
        "https://tide.example/.well-known/oauth-protected-resource/gate/way/mcp"
    );
    for (settings, rest, mount) in [
        (&root, "", Some("")),
        (&root, "mcp", Some(MCP)),
        (&root, "mcp/mcp", None),
        (&root, "gate/way", None),
        (&below, "gate/way", Some("")),
        (&below, "gate/way/mcp", Some(MCP)),
        (&below, "mcp", Some(MCP)),
        (&below, "gate/waymcp", None),
        (&below, "gate", None),
        (&below, "gate/way/", None),
    ] {
        assert_eq!(settings.mount_of(rest), mount, "{rest}");
    }
}

#[test]
fn i10_the_whole_table_of_token_errors() {
    let mut table = String::new();
    for why in NotIssued::ALL {
        let response = refused(&why.into(), "Bearer realm=\"tidewaiter\"");
        let header = |name| {
            let value = response.headers().get(name);
            value.map_or("-", |value| value.to_str().unwrap())
        };
        let (status, document) = (response.status().as_u16(), document(&why.into()));
        let (wait, challenge) = (header(RETRY_AFTER), header(WWW_AUTHENTICATE));
        writeln!(table, "{status} {wait} {challenge} {document}").unwrap();
    }
    insta::assert_snapshot!(table, @r#"
    400 - - {"error":"invalid_request","error_description":"a parameter is missing, given twice, or not of the form it must have"}
    400 - - {"error":"invalid_request","error_description":"the subject token is not accepted for this agent"}
    401 - Bearer realm="tidewaiter" {"error":"invalid_client","error_description":"the agent did not prove itself"}
    400 - - {"error":"unauthorized_client","error_description":"this agent may not exchange tokens now"}
    400 - - {"error":"unsupported_grant_type","error_description":"only token exchange is supported"}
    400 - - {"error":"invalid_scope","error_description":"the scope is unknown, or more than the tokens have"}
    400 - - {"error":"invalid_target","error_description":"tokens are issued for this service only"}
    429 1 - {"error":"temporarily_unavailable","error_description":"too many requests"}
    503 5 - {"error":"temporarily_unavailable","error_description":"the record could not be written, so there is no token"}
    500 - - {"error":"server_error","error_description":"an error on our side"}
    "#);
}
