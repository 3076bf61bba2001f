//! `[redaction]`: what free text is read with.

use serde::Deserialize;
use std::path::PathBuf;

/// What free text is read with beside rules.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// The folder that `deploy/models.sh` fills; without it, names that only a model finds are
    /// not found.
    pub models: Option<PathBuf>,
}
