//! Tokens made by another implementation (`PyJWT` 2.15 over `cryptography` 50), frozen: the same
//! claims signed with Ed25519 and with P-256, good from 1800000000 to 1800000300.

/// Its public keys.
pub(super) const KEYS: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "ed", "alg": "EdDSA", "x": "8v78tieRyAkUNMcaenuxpwjvqnsx39I3Twtkiy1-bn8"},
{"kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "use": "sig", "x": "BTpjxvJKg2EZJzIPkbmnyKP2qzuIjCxFGCMybqojM9w", "y": "muh-2OGHL2ZYdic49n87CgGhJVigqjAlAonPnS4zEig"}]}"#;

/// Signed with Ed25519.
pub(super) const EDDSA: &str = "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkIiwidHlwIjoiYXQrand0In0.eyJpc3MiOiJodHRwczovL2lkLnZl\
     Y3Rvci50ZXN0IiwiYXVkIjpbImh0dHBzOi8vZ2F0ZXdheS50ZXN0Iiwib3RoZXIiXSwic3ViIjoiYWxpY2Ui\
     LCJhY3QiOnsic3ViIjoiY2hhdGJvdCJ9LCJ1aWQiOiJJREExIiwiaWF0IjoxODAwMDAwMDAwLCJuYmYiOjE4\
     MDAwMDAwMDAsImV4cCI6MTgwMDAwMDMwMCwiYWNyIjoiMmZhIiwic2lkIjoicy0xIiwibmFtZSI6Ilx1MDQx\
     MFx1MDQzYlx1MDQzOFx1MDQ0MVx1MDQzMCBcdTA0MThcdTA0MzJcdTA0MzBcdTA0M2RcdTA0M2VcdTA0MzJc\
     dTA0MzAiLCJlbWFpbCI6ImFsaWNlQGV4YW1wbGUudGVzdCIsInNjb3BlIjoicmVhZCJ9.2MwUcoJ-v0bgyG8\
     _s2el2zoLBJwy-YSIqb7qf4dLPoxhD7ffVPt-u5rDKd84scBxPatYoRZKxfbCTn_wRTe0AA";

/// Signed with P-256; `typ` is written out in full.
pub(super) const ES256: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjIiwidHlwIjoiYXBwbGljYXRpb24vYXQrand0In0.eyJpc3MiOiJo\
     dHRwczovL2lkLnZlY3Rvci50ZXN0IiwiYXVkIjpbImh0dHBzOi8vZ2F0ZXdheS50ZXN0Iiwib3RoZXIiXSwi\
     c3ViIjoiYWxpY2UiLCJhY3QiOnsic3ViIjoiY2hhdGJvdCJ9LCJ1aWQiOiJJREExIiwiaWF0IjoxODAwMDAw\
     MDAwLCJuYmYiOjE4MDAwMDAwMDAsImV4cCI6MTgwMDAwMDMwMCwiYWNyIjoiMmZhIiwic2lkIjoicy0xIiwi\
     bmFtZSI6Ilx1MDQxMFx1MDQzYlx1MDQzOFx1MDQ0MVx1MDQzMCBcdTA0MThcdTA0MzJcdTA0MzBcdTA0M2Rc\
     dTA0M2VcdTA0MzJcdTA0MzAiLCJlbWFpbCI6ImFsaWNlQGV4YW1wbGUudGVzdCIsInNjb3BlIjoicmVhZCJ9\
     .JWa1hSC1QURBpeyyfCD0WojYdKa-oaHkFnmN6RJVJkrJ5qSaaVtJ7Mz_hnT2AhPtD2xa8KZ3yWFf5VqLhkb\
     qdw";
