//! RS256: keys that may be used, and keys and signatures that may not. Keys and tokens were made by
//! OpenSSL 3, good from 1800000000 to 1800000300; nobody has the private halves any more.

use super::*;

/// 2048 bits.
const N: &str = "it5Rl5lvNPAHjTaxgvzGRZGTKDapA7XMRqg-9lA4A6nmMOGrcVZ862lot5JC33JtZQL7Bpkft6hXhX-qQvMX\
     OlhcM6yRyxEeeeQOEDD1ZzOQBoPcfKVTW-aN_T8geKC7mh-JCjzfOZOfbEso_sV89X7KP2cPwpJ8R9OGeAa-\
     dI1DM4rOVXxrEJ0pa5y7nEuAxd_9PbNXdFXXe66ySU2ZpyIBsqHzkBLQi7RhPSIai5HzNw4RYUZwkoplEl1Y\
     1Z1K7Ttc1aU2xHnb5auv1J0LZXRLla0kOB0Jk3IbjA_Jkm6cu7gBTaK9TvPtYCA6YLMvwkcUzpuAHWEyxn7T\
     5RICJQ";
/// Signed with it: PKCS#1 v1.5 and SHA-256.
const RS256: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJodHRwczovL2lkLnZ\
     lY3Rvci50ZXN0IiwiYXVkIjoiaHR0cHM6Ly9nYXRld2F5LnRlc3QiLCJzdWIiOiJhbGljZSIsImFjdCI6eyJ\
     zdWIiOiJjaGF0Ym90In0sInVpZCI6IklEQTEiLCJpYXQiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMDMwMH0\
     .B1IcT2VWhJPmxJYpusnfpcZkcTy-WcY3c4xRjk5HMVwJHHyPKsE7GjL5IhlPFPIHrUcYn2rYPMh1sJUAgwx\
     W4Bvg8qEjj-SI-MqEhZv5kTbba2OVtVWs7EPrWOwn0fIAL_eEC6l55ONKh577lq5GkT8Ku1bOEljVtyVVRAQ\
     6fAKjICeUrZ0wYL-qlFqNvgCd6uJhFujW1eQRsKNTfY-m437vOJjFdBxJ_1vTV-_HdiOzL3tTQy43nE8jZ-9\
     V2BxwDMTKvqbFXA1PHpG_OggBv0-OImO_5ocrps-od_ejvoh5818fP6_DvbXBUcliWTblD1DWaQN_A_G5T7V\
     SkhOMXw";
/// Signed with it: PSS and SHA-256.
const PS256: &str = "eyJhbGciOiJQUzI1NiIsImtpZCI6InJzYSIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJodHRwczovL2lkLnZ\
     lY3Rvci50ZXN0IiwiYXVkIjoiaHR0cHM6Ly9nYXRld2F5LnRlc3QiLCJzdWIiOiJhbGljZSIsImFjdCI6eyJ\
     zdWIiOiJjaGF0Ym90In0sInVpZCI6IklEQTEiLCJpYXQiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMDMwMH0\
     .EwZ21kJ4mtJWWFMJi-iPpv4DGhlZjHduBJI7gczFIQyILD8jQbFwtnyGhOVmGS2j4Blg4RnFjaSPUI5mPB0\
     1mwm88k1zgC_NdA-b2u282GT0b2O7WGK-Vl3GGtmjICMXPho7UqYR_XyKUaWaDy6w4q3jrA6xBXxes9cJA4g\
     QUHiZ0VJiDMhU3vUeyjjA82bgedgeW948xu1jiEhMDVQvkWXXFQ7sAg-MAjsCp7eTBn5PmqCaE73rSfHjOnh\
     OPREXdBKsz9KJca6Bh52Y7EFybXkwCRu5B6ImZKrLnlzS646x4ddnO0_oMWcJvPMU1kCZVzv8gs78uzwdBsy\
     _oziJEQ";
/// Signed with it: PKCS#1 v1.5 and SHA-512.
const RS512: &str = "eyJhbGciOiJSUzUxMiIsImtpZCI6InJzYSIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJodHRwczovL2lkLnZ\
     lY3Rvci50ZXN0IiwiYXVkIjoiaHR0cHM6Ly9nYXRld2F5LnRlc3QiLCJzdWIiOiJhbGljZSIsImFjdCI6eyJ\
     zdWIiOiJjaGF0Ym90In0sInVpZCI6IklEQTEiLCJpYXQiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMDMwMH0\
     .ALaReLfT7y2pzN4mpILojeTmwcEEd-fS0sTEetpXUr_1-hu2DtjCvkGb7lbKz44MHo8CxrE257ZtoBJbfwA\
     Cb6Sk6dI3ZZIP_zzXU-hRp2ExMXMLcojj-VjWrK9YUPuvFfTEen6QYOFJfvAlCoBXh7Tyhht5Z-0oIEtKGk-\
     8ucSMtFDxdRozkESQvHNPM_FJTu0_UH9tHCeVF3Duc9G3bxKZya3Z-Yz1phDtVvNcXeXGW0obOlaLGpro-Uw\
     8twY_uKymQiYglVZm9BjZdPanHdMl4OK34NbmadcQarxKp9DI9D1iS4icrN-w1FeTQpEk5EFEzMSmADgKA2e\
     7vf9Pew";
/// 1024 bits.
const WEAK_N: &str = "mCUsj0dfTqa1a4rHReLclh0lHOY6xVFNLddmBHGqGibJEjU-Q4r2OG2XKY4NnU9qgFxlkEZky_8gV7xRBXMm\
     EEGq1gQy4WPYRfw9aW02U56n5sL1yj8bwTwF9YWNoJnXjQ7neFqRqMIgRFh3v2f2EQl-8XxsJ4310iLstWrA\
     6mM";
/// Signed with that.
const WEAK: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6IndlYWsiLCJ0eXAiOiJhdCtqd3QifQ.eyJpc3MiOiJodHRwczovL2lkL\
     nZlY3Rvci50ZXN0IiwiYXVkIjoiaHR0cHM6Ly9nYXRld2F5LnRlc3QiLCJzdWIiOiJhbGljZSIsImFjdCI6e\
     yJzdWIiOiJjaGF0Ym90In0sInVpZCI6IklEQTEiLCJpYXQiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMDMwM\
     H0.ZeTg_BvRjpZOB2JWeKqrxbyjm11Gn0DlBskr3vJPi0CynB7s1QPhe62y2TORyLqz14Iz5wxF4UYf6seYH\
     23PgqChkKkD5F0Gboa1r2JWs7g0t1D0wCwuz_1erGv5_T6GPENJKgqvoUP-4RIQxSWSC6urn5GHirQHzDqSC\
     gXG1N8";
/// 2048 bits, to be used with the exponent 3.
const THREE_N: &str = "wuYwX8e8_yD_j-EHGdXhnutPDoa6SurA5qC33Q11qjEaMo-OVK2jtWQbrb3RZsIDg1LmI-ZaLtXhHnohOYJV\
     xZ45JDmX-B-EcR_Mcrm4mdEwN5eL9H4XnxnYllf76qAqAx63m_defTvGD_kOhvIwx92f4cKWmSAghSB9BVKV\
     TuazwTwfXDE7pxJb2laL5n5LMG3sg6nWl64iu6ZVv_7kGksqHLOFlXIjJsl-xt7o3GH_OWSq0kR7PwUMEEHC\
     Hnwb46zZ3z6HwDWSqu6LO9xUMy0bv8caR8nhg63JJUwpvi2Vb6LtcjivFMSsvsYg5qoKjTTh8CNsAs2VjXHZ\
     0qk54Q";
/// Signed with that.
const THREE: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6InRocmVlIiwidHlwIjoiYXQrand0In0.eyJpc3MiOiJodHRwczovL2lk\
     LnZlY3Rvci50ZXN0IiwiYXVkIjoiaHR0cHM6Ly9nYXRld2F5LnRlc3QiLCJzdWIiOiJhbGljZSIsImFjdCI6\
     eyJzdWIiOiJjaGF0Ym90In0sInVpZCI6IklEQTEiLCJpYXQiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMDMw\
     MH0.r7xh0vTuEEBQd0e-8fjDDocnoZerC95rNBXYQ2wmdqelZGa5C5rt8d8kvertpsePed1vLahLySwazojr\
     9hdD1-rhWQ8m7KZ-A-XzNh3iEDFDZn6F9aoVL9XwR-J4G3Ok65kGhjTNqFQhYKCxkKF9kZshUOGwasCKsAAW\
     ZhRAo6alJz3QErvxHBvTnRSTjhr3U10gR7gZEN1AYWBCxIYz6PwJGaH5QLicIL_pHkBJYs2lP-qHDcWfbZGZ\
     Lk0juvcQYZ_hu5eTvjBvefLu2fQ_iSVSTtiMsWbH0akcE64m2qN1c_obeaclAkKqfuCLKaHN44wffjJfjWLo\
     qEWIB4sQ6Q";
const E: &str = "AQAB";

fn jwk(kid: &str, n: &str, e: &str, more: &str) -> String {
    format!(r#"{{"kty":"RSA","kid":"{kid}","n":"{n}","e":"{e}"{more}}}"#)
}

fn set(keys: &[String]) -> String {
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// The gateway of a town whose customers' issuer has these keys.
fn with_keys(jwks: &str) -> Identity {
    let town = Town::new();
    let file = town.dir.path().join("rsa.json");
    std::fs::write(&file, jwks).unwrap();
    let mut setup = town.setup.clone();
    let issuer = setup.issuers.first_mut().unwrap();
    issuer.issuer = "https://id.vector.test".to_owned();
    issuer.jwks_file = Some(file);
    Identity::new(setup).unwrap()
}

/// One key that is good for nothing here, so that a set is not empty.
fn other() -> String {
    let signer = Signer::generate(SigningAlgorithm::EdDsa).unwrap();
    signer.jwk().to_string()
}

fn check(identity: &Identity, token: &str) -> Result<Arc<Caller>, Unknown> {
    identity.authenticate(Some(token), NOW).map(caller)
}

#[test]
fn a_token_of_rs256_is_known_and_of_nothing_else_with_that_key() {
    let identity = with_keys(&set(&[jwk("rsa", N, E, r#","alg":"RS256","use":"sig""#)]));
    assert_eq!(
        check(&identity, RS256).unwrap().agent().id.as_str(),
        "chatbot"
    );
    for token in [PS256, RS512] {
        assert_eq!(check(&identity, token).unwrap_err(), Unknown::Algorithm);
    }
    let claims = part(RS256, 1);
    let signature = B64.decode(RS256.rsplit_once('.').unwrap().1).unwrap();
    for alg in ["PS256", "RS512", "ES256", "EdDSA", "HS256", "none"] {
        let header = json!({"alg": alg, "kid": "rsa", "typ": "at+jwt"}).to_string();
        let forged = Town::forged(&header, &claims, &signature);
        assert_eq!(
            check(&identity, &forged).unwrap_err(),
            Unknown::Algorithm,
            "{alg}"
        );
    }
    // HS256 with the modulus as the secret, under a header that says RS256.
    let header = json!({"alg": "RS256", "kid": "rsa", "typ": "at+jwt"}).to_string();
    let signed = format!("{}.{}", B64.encode(&header), B64.encode(&claims));
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &B64.decode(N).unwrap());
    let tag = ring::hmac::sign(&secret, signed.as_bytes());
    let forged = Town::forged(&header, &claims, tag.as_ref());
    assert_eq!(check(&identity, &forged).unwrap_err(), Unknown::Signature);
    // An empty, a short and a changed signature.
    let mut changed = signature.clone();
    changed[100] ^= 1;
    for wrong in [&[][..], &[0; 256], &signature[1..], &changed] {
        let forged = Town::forged(&part(RS256, 0), &claims, wrong);
        assert_eq!(check(&identity, &forged).unwrap_err(), Unknown::Signature);
    }
    let other = claims.replace("alice", "bobby");
    let forged = Town::forged(&part(RS256, 0), &other, &signature);
    assert_eq!(check(&identity, &forged).unwrap_err(), Unknown::Signature);
}

#[test]
fn an_ed25519_key_verifies_no_rs256() {
    let town = Town::new();
    assert_eq!(
        town.refused(town.good().header("alg", "RS256")),
        Unknown::Algorithm
    );
}

#[test]
fn keys_too_short_or_of_a_small_exponent_are_passed_over() {
    let keys = [
        jwk("weak", WEAK_N, E, ""),
        jwk("three", THREE_N, "Aw", ""),
        other(),
    ];
    let identity = with_keys(&set(&keys));
    for token in [WEAK, THREE] {
        assert_eq!(check(&identity, token).unwrap_err(), Unknown::Key);
    }
    let alone = |key: String| key::keys(set(&[key]).as_bytes(), false).map(|keys| keys.len());
    let huge = B64.encode([&[0x80][..], &[0; 1_023], &[1]].concat());
    let largest = B64.encode([&[0x80][..], &[0; 1_022], &[1]].concat());
    let even = B64.encode([&[0x80][..], &[0; 255]].concat());
    for (n, e) in [
        (WEAK_N, E),
        (THREE_N, "Aw"),
        (N, "AQ"),
        (N, ""),
        (N, "AQAA"),
        (N, "AgAAAAAB"),
        (&huge, E),
        (&even, E),
        ("", E),
        ("AA", E),
    ] {
        assert_eq!(
            alone(jwk("r", n, e, "")),
            Err(BadKeys::Count),
            "{n:.20} {e}"
        );
    }
    assert_eq!(alone(jwk("r", &largest, E, "")), Ok(1));
    // A zero byte before the number, as ASN.1 would have it.
    let zero = B64.encode([vec![0], B64.decode(N).unwrap()].concat());
    assert_eq!(alone(jwk("r", &zero, E, "")), Ok(1));
    assert_eq!(alone(jwk("r", "!!", E, "")), Err(BadKeys::Misfit));
}

#[test]
fn rsa_keys_for_something_else_are_passed_over_and_private_ones_refused() {
    let alone = |more: &str| {
        let keys = [jwk("r", N, E, more)];
        key::keys(set(&keys).as_bytes(), false).map(|keys| keys.len())
    };
    assert_eq!(alone(r#","alg":"RS256","key_ops":["verify"]"#), Ok(1));
    for more in [
        r#","alg":"RS512""#,
        r#","alg":"PS256""#,
        r#","alg":"RSA-OAEP""#,
        r#","alg":"unheard-of""#,
        r#","use":"enc""#,
        r#","key_ops":["encrypt"]"#,
    ] {
        assert_eq!(alone(more), Err(BadKeys::Count), "{more}");
    }
    for part in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let more = format!(r#","{part}":"AQAB""#);
        assert_eq!(alone(&more), Err(BadKeys::Private), "{part}");
    }
    let many: Vec<_> = (0..129)
        .map(|n| jwk(&n.to_string(), N, E, r#","use":"enc""#))
        .collect();
    assert_eq!(
        key::listed(set(&many).as_bytes(), false),
        Err(BadKeys::Count)
    );
    assert!(
        key::listed(set(&many[1..]).as_bytes(), false)
            .unwrap()
            .is_empty()
    );
}
