//! `/v1/exports`: asking, approving, and fetching the bundle.

use super::{WhyForm, answer, officer, refused, to_the_end};
use crate::gateway::{Gateway, Refusal, Refused};
use crate::http::Site;
use crate::http::asked::Asked;
use crate::http::rest::{Named, name_of};
use crate::identity::Officer;
use crate::privacy::Access;
use crate::privacy::export::{self, ExportRequest, Scope};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::fs::File;

/// How many records a bundle has.
const RECORDS: HeaderName = HeaderName::from_static("bundle-records");

mod file_body;

use file_body::FileBody;

/// What is asked for. The purpose is also the reason, unless the headers give one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportForm {
    scope: ScopeForm,
    power: String,
    reference: String,
    purpose: String,
    case: Option<String>,
    #[serde(default)]
    recipients: Vec<String>,
    #[serde(default)]
    released_clear: bool,
    #[serde(default)]
    withhold: Vec<String>,
    #[serde(default)]
    duty: bool,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum ScopeForm {
    All {},
    Range {
        #[serde(deserialize_with = "index")]
        from: u64,
        #[serde(deserialize_with = "index")]
        to: u64,
    },
    Time {
        from: String,
        to: String,
    },
    Subject {
        issuer: String,
        sub: String,
    },
    Operation {
        operation: String,
    },
}

/// A record's index: a number, or decimal digits in a string, as records show theirs.
fn index<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Index {
        Number(u64),
        Text(String),
    }
    match Index::deserialize(from)? {
        Index::Number(index) => Ok(index),
        Index::Text(text) => tidewaiter_audit::grammar::dec(&text)
            .ok_or_else(|| serde::de::Error::custom("not an index")),
    }
}

impl ExportForm {
    fn into_request(self) -> ExportRequest {
        let scope = match self.scope {
            ScopeForm::All {} => Scope::All {},
            ScopeForm::Range { from, to } => Scope::Range { from, to },
            ScopeForm::Time { from, to } => Scope::Time { from, to },
            ScopeForm::Subject { issuer, sub } => Scope::Subject { issuer, sub },
            ScopeForm::Operation { operation } => Scope::Operation { operation },
        };
        ExportRequest {
            scope,
            power: self.power,
            reference: self.reference,
            purpose: self.purpose,
            recipients: self.recipients,
            released_clear: self.released_clear,
            withhold: self.withhold,
            duty: self.duty,
        }
    }
}

/// `GET /v1/exports`.
pub(in crate::http) async fn list(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::head(request);
    let outcome = match officer(&site, &asked) {
        Ok(officer) => export::list(site.gateway.ledger(), &officer).await,
        Err(refused) => Err(refused),
    };
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `POST /v1/exports`.
pub(in crate::http) async fn ask(State(site): State<Site>, request: Request) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = ask_as(&site, &asked).await;
    answer(&site, &asked, StatusCode::CREATED, outcome).await
}

async fn ask_as(site: &Site, asked: &Asked) -> Result<Value, Refused> {
    let officer = officer(site, asked)?;
    let mut form: ExportForm = asked.json().map_err(refused)?;
    let why = WhyForm {
        reason: Some(form.purpose.clone()),
        case: form.case.take(),
    };
    let access = why.access(&asked.parts.headers);
    let request = form.into_request();
    let (ledger, access) = (site.gateway.ledger(), access.as_ref());
    let knows = |issuer: &str| site.gateway.knows_issuer(issuer);
    export::request(ledger, &officer, &request, access, &knows).await
}

/// `POST /v1/exports/{id}/approve`.
pub(in crate::http) async fn approve(
    State(site): State<Site>,
    id: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let access = WhyForm::read(&asked)?.access(&asked.parts.headers);
        export::approve(
            site.gateway.ledger(),
            &officer,
            &name_of(id),
            access.as_ref(),
        )
        .await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `GET /v1/exports/{id}`.
pub(in crate::http) async fn show(
    State(site): State<Site>,
    id: Named,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let outcome = match officer(&site, &asked) {
        Ok(officer) => export::show(site.gateway.ledger(), &officer, &name_of(id)).await,
        Err(refused) => Err(refused),
    };
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `POST /v1/exports/{id}/refuse`.
pub(in crate::http) async fn refuse(
    State(site): State<Site>,
    id: Named,
    request: Request,
) -> Response {
    let asked = Asked::whole(request, &site.settings).await;
    let outcome = async {
        let officer = officer(&site, &asked)?;
        let access = WhyForm::read(&asked)?.access(&asked.parts.headers);
        let (ledger, access) = (site.gateway.ledger(), access.as_ref());
        export::refuse(ledger, &officer, &name_of(id), access).await
    };
    let outcome = outcome.await;
    answer(&site, &asked, StatusCode::OK, outcome).await
}

/// `GET /v1/exports/{id}/bundle`: builds an approved bundle and releases it as a zip file.
pub(in crate::http) async fn bundle(
    State(site): State<Site>,
    id: Named,
    request: Request,
) -> Response {
    let asked = Asked::head(request);
    let built = async {
        let officer = officer(&site, &asked)?;
        let access = WhyForm::default().access(&asked.parts.headers);
        let gateway = Arc::clone(&site.gateway);
        let id = name_of(id);
        to_the_end(&site, async move {
            release(&gateway, &officer, &id, access.as_ref()).await
        })
        .await
    };
    match built.await {
        Ok((file, length, records)) => zip_response(file, length, records),
        Err(refused) => asked.refuse(&site.settings, &refused, None),
    }
}

fn zip_response(file: File, length: u64, records: u64) -> Response {
    let mut response = Response::new(Body::new(FileBody::new(file)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(CONTENT_LENGTH, length.into());
    headers.insert(RECORDS, records.into());
    let name = HeaderValue::from_static("attachment; filename=\"bundle.zip\"");
    headers.insert(CONTENT_DISPOSITION, name);
    response
}

/// Builds the bundle in a folder of its own, packs it, and leaves neither behind: it may hold
/// keys in the clear. The open file lives until it is sent.
async fn release(
    gateway: &Gateway,
    officer: &Officer,
    id: &str,
    access: Option<&Access>,
) -> Result<(File, u64, u64), Refused> {
    let name = crate::random::bytes::<16>().map_err(|_none| Refusal::Internal)?;
    let folder = gateway.exports().join(hex::encode(name));
    let archive = folder.with_extension("zip");
    let agents = gateway.agents();
    let built = export::build(gateway.ledger(), officer, id, access, &folder, &agents).await;
    let packed = match built {
        Ok(built) => pack(gateway, folder.clone(), archive.clone())
            .await
            .map(|(file, length)| (file, length, built.manifest.counts.delivered)),
        Err(refused) => Err(refused),
    };
    remove(&folder, &archive).await;
    packed
}

async fn pack(
    gateway: &Gateway,
    folder: PathBuf,
    archive: PathBuf,
) -> Result<(File, u64), Refused> {
    let packing = gateway.tracker().spawn_blocking(move || {
        let length = export::zip(&folder, &archive)?;
        std::io::Result::Ok((std::fs::File::open(&archive)?, length))
    });
    match packing.await {
        Ok(Ok((file, length))) => Ok((File::from_std(file), length)),
        Ok(Err(error)) => {
            tracing::error!(code = "export_unpacked", %error, "a bundle could not be packed");
            Err(Refusal::Internal.into())
        }
        Err(_panic) => Err(Refusal::Internal.into()),
    }
}

async fn remove(folder: &Path, archive: &Path) {
    let gone = [
        tokio::fs::remove_dir_all(folder).await,
        tokio::fs::remove_file(archive).await,
    ];
    for error in gone.into_iter().filter_map(Result::err) {
        if error.kind() != std::io::ErrorKind::NotFound {
            tracing::error!(code = "export_left", %error, "a bundle was left in the exports' folder");
        }
    }
}
