//! The models that read names in free text: files, checked by hash, and the profiles they serve.
//!
//! Promises that a file of another content is refused before anything starts, and that a missing
//! one is named, with what will not be found, and stops nothing.
//! Source of the files: `deploy/models.sh`, which knows the same hashes.

use super::Profile;
use ring::digest::{SHA256, digest};
use std::path::Path;
use std::sync::Arc;
use tidewaiter_redaction::{Slovnet, SlovnetError, SlovnetFiles, Spacy, SpacyError, Tagger};

const NETWORK: (&str, &str) = (
    "slovnet_ner_news_v1.tar",
    "16c3343a6572ddf0e2b2fc1923113de15a7f5ca5bde90e780dd590418665603e",
);
const WORDS: (&str, &str) = (
    "slovnet_ner_news_v1.words",
    "18c744623967e5516393a0cfb520b4cab6cbfd5fa54a85c1207ac2d10f4f25fe",
);
const VECTORS: (&str, &str) = (
    "navec_news_v1_1B_250K_300d_100q.tar",
    "f07270833d78523edc5781538d67038e95b43975e4a7ae757c693b687f9cbfca",
);

const ENTITIES: (&str, &str) = (
    "en_core_web_sm_ner.msgpack",
    "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e",
);

/// Why a folder of models is refused. The operator's fault.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file is there and cannot be read.
    #[error("the model file {file} cannot be read: {kind}")]
    Unreadable {
        /// Its name.
        file: &'static str,
        /// Why.
        kind: std::io::ErrorKind,
    },
    /// A file's content is not the one this version was made for.
    #[error(
        "the model file {file} is not the right one: its SHA-256 is {found}, it should be \
         {expected}; fetch it anew with deploy/models.sh"
    )]
    Wrong {
        /// Its name.
        file: &'static str,
        /// Its hash.
        found: String,
        /// What its hash should be.
        expected: &'static str,
    },
    /// A file has the right hash and cannot be understood. Our fault.
    #[error(transparent)]
    Damaged(#[from] SlovnetError),
    /// The same of the English one.
    #[error(transparent)]
    DamagedEnglish(#[from] SpacyError),
}

/// How texts are read, by direction.
#[derive(Debug, Clone)]
pub struct Profiles {
    /// What an agent is shown.
    pub agent: Profile,
    /// The assistant's own turns.
    pub assistant: Profile,
}

impl Profiles {
    /// With these models, on top of the rules.
    pub fn new(taggers: &[Arc<dyn Tagger>]) -> Self {
        let with = |profile| {
            let one = |profile: Profile, tagger: &Arc<dyn Tagger>| profile.with(Arc::clone(tagger));
            taggers.iter().fold(profile, one)
        };
        Self {
            agent: with(Profile::agent()),
            assistant: with(Profile::assistant()),
        }
    }

    /// With what `folder` holds; what it lacks is logged.
    pub fn load(folder: Option<&Path>) -> Result<Self, ModelError> {
        let Some(folder) = folder else {
            tracing::info!(
                code = "no_models",
                "no models: names that only the sentence tells are not found"
            );
            return Ok(Self::new(&[]));
        };
        let models = taggers(folder)?;
        for missing in &models.missing {
            tracing::warn!(
                code = "model_missing",
                file = missing,
                "a model file is not there: names of its language that no rule knows are not found"
            );
        }
        for tagger in &models.taggers {
            tracing::info!(
                code = "model_loaded",
                model = tagger.name(),
                "names in free text are read by a model"
            );
        }
        Ok(Self::new(&models.taggers))
    }
}

/// What a folder of models holds.
#[derive(Debug)]
pub struct Models {
    /// Those that are whole.
    pub taggers: Vec<Arc<dyn Tagger>>,
    /// The files that are not there.
    pub missing: Vec<&'static str>,
}

/// Reads the models of `folder`.
pub fn taggers(folder: &Path) -> Result<Models, ModelError> {
    let mut models = Models {
        taggers: Vec::new(),
        missing: Vec::new(),
    };
    let [network, words, vectors, entities] =
        [NETWORK, WORDS, VECTORS, ENTITIES].map(|file| (file.0, read(folder, file)));
    let mut present = |(name, bytes): (&'static str, Result<Option<Vec<u8>>, ModelError>)| {
        let bytes = bytes?;
        if bytes.is_none() {
            models.missing.push(name);
        }
        Ok::<_, ModelError>(bytes)
    };
    let (network, words, vectors) = (present(network)?, present(words)?, present(vectors)?);
    let entities = present(entities)?;
    if let (Some(network), Some(words), Some(vectors)) = (&network, &words, &vectors) {
        let slovnet = Slovnet::parse(SlovnetFiles {
            network,
            vectors,
            words,
        })?;
        models.taggers.push(Arc::new(slovnet));
    }
    if let Some(entities) = &entities {
        models.taggers.push(Arc::new(Spacy::parse(entities)?));
    }
    Ok(models)
}

/// The file's content if it is there and the right one.
fn read(
    folder: &Path,
    (file, expected): (&'static str, &'static str),
) -> Result<Option<Vec<u8>>, ModelError> {
    let bytes = match std::fs::read(folder.join(file)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(ModelError::Unreadable {
                file,
                kind: error.kind(),
            });
        }
    };
    let found = hex::encode(digest(&SHA256, &bytes));
    if found == expected {
        Ok(Some(bytes))
    } else {
        Err(ModelError::Wrong {
            file,
            found,
            expected,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{ModelError, Profiles, WORDS, taggers};

    #[test]
    fn what_is_missing_is_named_and_stops_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let models = taggers(folder.path()).unwrap();
        assert!(models.taggers.is_empty());
        assert_eq!(models.missing.len(), 4);
        Profiles::load(Some(folder.path())).unwrap();
        Profiles::load(Some(&folder.path().join("nowhere"))).unwrap();
    }

    #[test]
    fn another_file_of_that_name_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(WORDS.0), "а\nб\n").unwrap();
        let refused = taggers(folder.path()).unwrap_err();
        assert!(matches!(refused, ModelError::Wrong { file, .. } if file == WORDS.0));
        assert!(refused.to_string().contains(WORDS.1));
    }

    /// The script and this file must agree.
    #[test]
    fn the_script_knows_the_same_hashes() {
        let script = include_str!("../../deploy/models.sh");
        for (file, hash) in [super::NETWORK, WORDS, super::VECTORS, super::ENTITIES] {
            assert!(script.contains(file) && script.contains(hash), "{file}");
        }
    }
}
