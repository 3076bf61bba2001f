//! `tidewaiter openapi`: the document that `GET /openapi.json` serves, without a service.

use anyhow::Result;
use std::process::ExitCode;

/// Prints the document, with everything that can be served.
#[derive(Debug, clap::Args)]
pub(super) struct Openapi {
    /// Where the service is.
    #[arg(long, default_value = "/")]
    url: String,
}

impl Openapi {
    pub(super) fn run(self) -> Result<ExitCode> {
        super::say(crate::http::openapi::document(&self.url, None))?;
        Ok(ExitCode::SUCCESS)
    }
}
