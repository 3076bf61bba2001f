//! Against published vectors, and against requests that must not be signed.

use super::*;
use crate::config::upstream::auth::{Algorithm, SigningKey};
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use serde_json::{Value, json};

/// RFC 7515 appendix A.2, as PKCS #8 and as PKCS #1.
const RSA: &str = include_str!("tests/rfc7515-a2.pem");
const RSA_PKCS1: &str = include_str!("tests/rfc7515-a2.pkcs1.pem");
/// RFC 7515 appendix A.3.
const EC: &str = include_str!("tests/rfc7515-a3.pem");
/// RFC 8037 appendix A.1, without its public part, as other tools write it.
const ED: &str = include_str!("tests/rfc8037-a1.pem");

const NOW_US: i64 = 1_499_827_319_559_000;

fn auth<T: serde::de::DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).unwrap()
}

fn request(method: Method, uri: &str, body: &str) -> Request<Bytes> {
    let request = Request::builder().method(method).uri(uri);
    let request = if body.is_empty() {
        request
    } else {
        request.header("content-type", "application/json")
    };
    request
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

fn get(uri: &str) -> Request<Bytes> {
    request(Method::GET, uri, "")
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers()[name].to_str().unwrap()
}

#[test]
fn rfc_7515_a_6_is_signed_by_both() {
    let payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let rs256 = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    for pem in [RSA, RSA_PKCS1] {
        let key = key::Key::read(Algorithm::Rs256, &Secret::given(pem)).unwrap();
        let input = format!("eyJhbGciOiJSUzI1NiJ9.{payload}");
        let signature = key.sign(input.as_bytes()).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(signature), rs256);
    }
    // A random signature can only be verified: by what the appendix gives as the public key.
    let key = key::Key::read(Algorithm::Es256, &Secret::given(EC)).unwrap();
    let input = format!("eyJhbGciOiJFUzI1NiJ9.{payload}");
    let signature = key.sign(input.as_bytes()).unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, a3_public());
    public.verify(input.as_bytes(), &signature).unwrap();
    assert_eq!(signature.len(), 64);
}

fn a3_public() -> Vec<u8> {
    let coordinate = |text| URL_SAFE_NO_PAD.decode(text).unwrap();
    let x = coordinate("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    let y = coordinate("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    [vec![4], x, y].concat()
}

#[test]
fn rfc_8037_a_4_is_signed() {
    let key = key::Key::read(Algorithm::EdDsa, &Secret::given(ED)).unwrap();
    let signature = key
        .sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")
        .unwrap();
    assert_eq!(
        URL_SAFE_NO_PAD.encode(signature),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
}

#[test]
fn a_key_of_another_algorithm_is_refused() {
    use Algorithm::{EdDsa, Es256, Rs256};
    for (algorithm, pem) in [
        (Rs256, EC),
        (Rs256, ED),
        (Es256, RSA),
        (Es256, RSA_PKCS1),
        (Es256, ED),
        (EdDsa, RSA),
        (EdDsa, EC),
        (EdDsa, ""),
        (
            EdDsa,
            "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----",
        ),
    ] {
        let refused = key::Key::read(algorithm, &Secret::given(pem));
        assert_eq!(refused.err(), Some(SignFailed::Key), "{algorithm:?}");
    }
}

fn jws() -> Jws {
    let mut settings: auth::Jws = auth(
        r#"
        issuer = "gate"
        subject = "chat"
        audience = ["peatio"]
        lifetime_s = 20
        keys = [
            { kid = "one", alg = "RS256", key = { env = "A" } },
            { kid = "two", alg = "ES256", key = { env = "B" } },
            { kid = "three", alg = "EdDSA", key = { env = "C" } },
        ]
        "#,
    );
    for (key, pem) in settings.keys.iter_mut().zip([RSA, EC, ED]) {
        key.key = Secret::given(pem);
    }
    Jws::new(&settings, Clock::manual(NOW_US)).unwrap()
}

fn decoded(text: &Value) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()).unwrap()
}

fn assert_signed_by_all(token: &Value) {
    let payload = token["payload"].as_str().unwrap();
    let n = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    let n = URL_SAFE_NO_PAD.decode(n).unwrap();
    let rsa = ring::signature::RsaPublicKeyComponents {
        n: n.as_slice(),
        e: [1, 0, 1].as_slice(),
    };
    let ed = URL_SAFE_NO_PAD
        .decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        .unwrap();
    let signatures = token["signatures"].as_array().unwrap();
    let kids: Vec<_> = signatures.iter().map(|one| &one["header"]["kid"]).collect();
    assert_eq!(kids, ["one", "two", "three"]);
    for (at, one) in signatures.iter().enumerate() {
        let input = format!("{}.{payload}", one["protected"].as_str().unwrap());
        let input = input.as_bytes();
        let signature = URL_SAFE_NO_PAD
            .decode(one["signature"].as_str().unwrap())
            .unwrap();
        let alg = decoded(&one["protected"])["alg"]
            .as_str()
            .unwrap()
            .to_owned();
        match at {
            0 => rsa
                .verify(&RSA_PKCS1_2048_8192_SHA256, input, &signature)
                .unwrap(),
            1 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, a3_public())
                .verify(input, &signature)
                .unwrap(),
            _ => UnparsedPublicKey::new(&ED25519, &ed)
                .verify(input, &signature)
                .unwrap(),
        }
        assert_eq!(alg, ["RS256", "ES256", "EdDSA"][at]);
    }
}

#[test]
fn a_token_wraps_the_body_with_a_signature_of_each_key() {
    let jws = jws();
    let body = r#"{"uid":"ID1", "amount":0.30,"z":[],"a":"ü"}"#;
    let mut signed = request(Method::POST, "https://core.example/w", body);
    jws.sign(&mut signed).unwrap();
    let token: Value = serde_json::from_slice(signed.body()).unwrap();
    let payload = token["payload"].as_str().unwrap();
    let claims = decoded(&token["payload"]);
    assert_eq!(claims["iat"], json!(1_499_827_319));
    assert_eq!(claims["exp"], json!(1_499_827_339));
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"]),
        (&json!("gate"), &json!("chat"), &json!("peatio"))
    );
    // As it was written, so that no number changes.
    let text = URL_SAFE_NO_PAD.decode(payload).unwrap();
    assert!(String::from_utf8(text).unwrap().contains(body));

    assert_signed_by_all(&token);

    let mut again = request(Method::POST, "https://core.example/w", body);
    jws.sign(&mut again).unwrap();
    let again: Value = serde_json::from_slice(again.body()).unwrap();
    assert_ne!(
        decoded(&again["payload"])["jti"],
        claims["jti"],
        "each is for one time"
    );

    let mut empty = request(Method::POST, "https://core.example/timestamp", "");
    jws.sign(&mut empty).unwrap();
    let empty_token: Value = serde_json::from_slice(empty.body()).unwrap();
    assert_eq!(decoded(&empty_token["payload"])["data"], json!({}));
    assert_eq!(header(&empty, "content-type"), "application/json");
}

#[test]
fn what_has_no_json_body_is_not_wrapped() {
    let jws = jws();
    let mut form = request(Method::POST, "https://core.example/w", "a=b");
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    form.headers_mut().insert("content-type", kind);
    for mut request in [
        form,
        get("https://core.example/w"),
        request(Method::DELETE, "https://core.example/w", ""),
        request(Method::POST, "https://core.example/w", "{\"a\":"),
        request(Method::POST, "https://core.example/w", "{} {}"),
    ] {
        let before = request.body().clone();
        assert_eq!(jws.sign(&mut request), Err(SignFailed::Request));
        assert_eq!(*request.body(), before);
    }
    let settings = auth::Jws {
        issuer: "gate".to_owned(),
        subject: None,
        audience: Vec::new(),
        lifetime: std::time::Duration::from_secs(5),
        keys: Vec::<SigningKey>::new(),
    };
    assert!(Jws::new(&settings, Clock::System).is_err(), "nobody signs");
}

fn hmac(text: &str, secret: &str, key: &str) -> Hmac {
    let mut settings: auth::Hmac = auth(text);
    settings.secret = Secret::given(secret);
    settings.key = settings.key.map(|_named| Secret::given(key));
    Hmac::new(&settings, Clock::manual(NOW_US)).unwrap()
}

/// The example of Binance's documentation of signed endpoints.
const IN_QUERY: &str = r#"
    secret = { env = "S" }
    key = { env = "K" }
    string = "{query}{body}"
    send = { key = { header = "X-MBX-APIKEY" }, timestamp = { query = "timestamp" }, signature = { query = "signature" } }
"#;

fn binance() -> Hmac {
    hmac(
        IN_QUERY,
        "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
        "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
    )
}

#[test]
fn the_query_is_signed_as_binance_documents_it() {
    let uri = "https://api.example/api/v3/order?symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000";
    let mut signed = request(Method::POST, uri, "");
    binance().sign(&mut signed).unwrap();
    let expected = format!(
        "{uri}&timestamp=1499827319559&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    );
    assert_eq!(signed.uri().to_string(), expected);
    assert!(header(&signed, "x-mbx-apikey").starts_with("vmPUZE6m"));
    assert!(signed.headers()["x-mbx-apikey"].is_sensitive());
    let mut bare = get("https://api.example/api/v3/account");
    binance().sign(&mut bare).unwrap();
    let query = bare.uri().query().unwrap();
    assert!(query.starts_with("timestamp=1499827319559&signature="));
}

#[test]
fn i4_an_argument_never_stands_in_a_signatures_place() {
    for uri in [
        "https://api.example/x?signature=00",
        "https://api.example/x?a=b&timestamp=1",
        "https://api.example/x?%73ignature=00",
    ] {
        let refused = binance().sign(&mut get(uri));
        assert_eq!(refused, Err(SignFailed::Request), "{uri}");
    }
    let mut form = request(Method::POST, "https://api.example/x", "a=b&signature=00");
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    form.headers_mut().insert("content-type", kind);
    assert_eq!(binance().sign(&mut form), Err(SignFailed::Request));
    // In a header, the signature replaces what an operation put there.
    let text = r#"
        secret = { env = "S" }
        string = "{timestamp}"
        send = { timestamp = { header = "x-time" }, signature = { header = "x-sign" } }
    "#;
    let mut taken = get("https://api.example/x");
    taken
        .headers_mut()
        .append("x-sign", HeaderValue::from_static("forged"));
    taken
        .headers_mut()
        .append("x-sign", HeaderValue::from_static("again"));
    hmac(text, "s", "").sign(&mut taken).unwrap();
    assert_eq!(taken.headers().get_all("x-sign").iter().count(), 1);
    assert_eq!(header(&taken, "x-sign").len(), 64);
}

#[test]
fn peatios_public_api_is_signed_over_nonce_and_key() {
    let text = r#"
        secret = { env = "S" }
        key = { env = "K" }
        nonce = "increasing"
        string = "{nonce}{key}"
        send = { key = { header = "X-Auth-Apikey" }, nonce = { header = "X-Auth-Nonce" }, signature = { header = "X-Auth-Signature" } }
    "#;
    let sign = hmac(text, "secret", "61d025b8573501c2");
    let mut signed = get("https://peatio.example/api/v2/peatio/account/balances");
    sign.sign(&mut signed).unwrap();
    assert_eq!(header(&signed, "x-auth-nonce"), "1499827319559");
    assert_eq!(
        header(&signed, "x-auth-signature"),
        "7f570f5ab8bd2d4b20c34683db993e397130d57cecd1ceac07551289047dd4c5"
    );
    // The clock stands, the nonce does not.
    sign.sign(&mut signed).unwrap();
    assert_eq!(header(&signed, "x-auth-nonce"), "1499827319560");
}

#[test]
fn method_target_and_body_are_signed_in_base64() {
    let text = r#"
        secret = { env = "S" }
        secret_encoding = "base64"
        hash = "sha512"
        encoding = "base64"
        timestamp = "seconds"
        string = "{timestamp}{method}{target}{body}|{path}|{query}|{body_sha256}"
        send = { timestamp = { header = "CB-ACCESS-TIMESTAMP" }, signature = { header = "CB-ACCESS-SIGN" } }
    "#;
    let sign = hmac(text, "c2VjcmV0LWJ5dGVz", "");
    let mut signed = request(Method::POST, "https://x.example/v2/a?b=c", r#"{"d":1}"#);
    sign.sign(&mut signed).unwrap();
    assert_eq!(
        header(&signed, "cb-access-sign"),
        "NDYmReZ0jH1QYO9OV3k87QMb55BJXo+43pXd9yWYZdmp8xYXk8kUG3lU5n3VTyGmeqerroKJg2g5IqnfChGNPQ=="
    );
    let mut other = request(Method::POST, "https://x.example/v2/a?b=c", r#"{"d":2}"#);
    sign.sign(&mut other).unwrap();
    assert_ne!(
        header(&signed, "cb-access-sign"),
        header(&other, "cb-access-sign")
    );
}

#[test]
fn rfc_4231_case_2_is_digested() {
    let text = r#"
        secret = { env = "S" }
        secret_encoding = "hex"
        hash = "sha512"
        string = "{body}"
        send = { signature = { header = "x-sign" } }
    "#;
    let mut signed = request(
        Method::POST,
        "https://x.example/",
        "what do ya want for nothing?",
    );
    hmac(text, "4a656665", "").sign(&mut signed).unwrap();
    assert_eq!(
        header(&signed, "x-sign"),
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
    );
}

#[test]
fn a_secret_not_written_as_configured_is_refused() {
    for (encoding, secret) in [("hex", "xy"), ("base64", "a"), ("text", "")] {
        let text = format!(
            "secret = {{ env = \"S\" }}\nsecret_encoding = \"{encoding}\"\nstring = \"{{timestamp}}\"\n\
             send = {{ signature = {{ header = \"x-sign\" }} }}"
        );
        let mut settings: auth::Hmac = auth(&text);
        settings.secret = Secret::given(secret);
        let refused = Hmac::new(&settings, Clock::System).err();
        assert_eq!(refused, Some(SignFailed::Secret), "{encoding}");
    }
}

#[test]
fn fixed_headers_replace_and_basic_is_rfc_7617() {
    let mut settings: auth::Header =
        auth("headers = { X-Api-Key = { env = \"A\" }, X-Api-Tenant = { env = \"B\" } }");
    for value in settings.headers.values_mut() {
        *value = Secret::given("k-1");
    }
    let mut signed = get("https://x.example/");
    signed
        .headers_mut()
        .insert("x-api-key", HeaderValue::from_static("the agent's"));
    let headers = Headers::new(&settings).unwrap();
    headers.sign(&mut signed).unwrap();
    assert_eq!(header(&signed, "x-api-key"), "k-1");
    assert_eq!(header(&signed, "x-api-tenant"), "k-1");
    assert!(!format!("{headers:?}").contains("k-1"));
    for value in ["", "a\r\nb: c", "ü", " a"] {
        settings
            .headers
            .insert("X-Api-Key".to_owned(), Secret::given(value));
        assert_eq!(Headers::new(&settings).err(), Some(SignFailed::Header));
    }
    let basic = auth::Basic {
        user: "Aladdin".to_owned(),
        password: Secret::given("open sesame"),
    };
    Headers::basic(&basic).unwrap().sign(&mut signed).unwrap();
    assert_eq!(
        header(&signed, "authorization"),
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    );
}

#[test]
fn i8_nothing_prints_a_secret() {
    let mut settings = Upstream::at("core", "https://core.example");
    settings.credential = Some(Secret::given("swordfish"));
    settings.auth = vec![Auth::Basic(auth::Basic {
        user: "gate".to_owned(),
        password: Secret::given("swordfish"),
    })];
    let sign = hmac(IN_QUERY, "swordfish", "swordfish");
    let mut signed = get("https://api.example/x");
    sign.sign(&mut signed).unwrap();
    let said = format!("{settings:?} {sign:?} {:?} {:?}", jws(), signed.headers());
    assert!(
        !said.contains("swordfish") && !said.contains("PRIVATE"),
        "{said}"
    );
    assert_eq!(of(&settings, &Clock::System).err(), Some(SignFailed::Twice));
}
