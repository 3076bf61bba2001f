//! Parameters that more than one route has.

use super::shape;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Components, Ref, RefOr, Required};
use utoipa::{IntoParams, Modify};

/// A case, conversation or other thing in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(in crate::http) struct Id {
    /// Its id: 32 hex digits.
    #[param(inline)]
    #[expect(dead_code, reason = "only the description is used")]
    id: shape::Id,
}

/// Why an officer reads content; both are recorded.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only the description is used")]
pub(in crate::http) struct Why {
    /// Why: 3 to 500 characters, as they are or percent-encoded.
    #[param(
        rename = "Access-Reason",
        max_length = 500,
        pattern = "^[!-~][ -~]+[!-~]$",
        example = "the customer complained"
    )]
    reason: String,
    /// In which case.
    #[param(
        rename = "Access-Case",
        pattern = "^[A-Za-z0-9._/-]{1,64}$",
        example = "C-1"
    )]
    case: String,
}

/// The same, where the body may carry it instead.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only the description is used")]
pub(in crate::http) struct WhyElse {
    /// Why: 3 to 500 characters. Comes before the body's.
    #[param(
        rename = "Access-Reason",
        max_length = 500,
        nullable = false,
        pattern = "^[!-~][ -~]+[!-~]$",
        example = "the customer complained"
    )]
    reason: Option<String>,
    /// In which case. Comes before the body's.
    #[param(
        rename = "Access-Case",
        pattern = "^[A-Za-z0-9._/-]{1,64}$",
        nullable = false,
        example = "C-1"
    )]
    case: Option<String>,
}

/// What makes a repeated write one write.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only the description is used")]
pub(in crate::http) struct Key {
    /// Needed for writes: 1 to 128 printable ASCII characters, unique for agent, customer and
    /// operation. The same again is answered from the record.
    #[param(
        rename = "Idempotency-Key",
        pattern = "^[!-~]([ -~]{0,126}[!-~])?$",
        nullable = false,
        example = "7f3c0c9e-1"
    )]
    key: Option<String>,
}

/// What the client has already.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only the description is used")]
pub(in crate::http) struct IfNoneMatch {
    /// The `ETag` of the document that is at hand.
    #[param(rename = "If-None-Match", nullable = false)]
    tag: Option<String>,
}

/// `Accept-Language` on every route that can refuse.
pub(super) struct Language;

impl Modify for Language {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        put(components);
        for item in document.paths.paths.values_mut() {
            for operation in super::problem::operations(item) {
                add(operation);
            }
        }
    }
}

const LANGUAGE: &str = "Language";

fn put(components: &mut Components) {
    let parameter = ParameterBuilder::new()
        .name("Accept-Language")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The language of `say`: `en`, `ru` or `de`."))
        .schema(Some(<String as utoipa::PartialSchema>::schema()));
    let parameter = RefOr::T(parameter.build());
    components.parameters.insert(LANGUAGE.to_owned(), parameter);
}

fn add(operation: &mut Operation) {
    let parameter = Ref::new(format!("#/components/parameters/{LANGUAGE}"));
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(RefOr::Ref(parameter));
}
