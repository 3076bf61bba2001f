//! The commands of `tidewaiter-audit`, which `tidewaiter verify` shares.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use crate::checkpoint::{Checkpoint, Note};
use crate::open::{OpenError, open};
use crate::trust::Trust;
use crate::verify::{Options, Topic, verify};

const ABOUT: &str = "Checks records handed over by a Tidewaiter gateway.\n\n\
Needs no network and trusts no key that comes with the records. The keys you trust stand in a \
trust file that you got by another way.";

const VERIFY_HELP: &str = "Examples:\n  \
tidewaiter-audit verify bundle --trust trust.txt\n  \
tidewaiter-audit verify bundle --trust trust.txt --head last-year/proofs/checkpoint\n  \
tidewaiter-audit verify bundle --trust trust.txt --require time,erasure --json\n\n\
Exit status: 0 checked; 10 changed or forged; 11 contradicts the checkpoint you hold;\n\
12 not proved; 2 the command or a file you gave is wrong.";

const OPEN_HELP: &str = "Examples:\n  \
tidewaiter-audit open bundle --trust trust.txt --identity key.txt --out opened\n  \
tidewaiter-audit open bundle --out opened\n\n\
Checks everything first and opens nothing that was changed. Writes records.jsonl (one record a\n\
line, with its content) and index.html (to read in a browser). Exit status as for verify.";

const CHECKPOINT_HELP: &str = "Example:\n  \
tidewaiter-audit checkpoint proofs/checkpoint --trust trust.txt\n\n\
Exit status: 0 signed as the trust file asks; 10 not so, or no checkpoint; 2 a file is wrong.";

/// The command line.
#[derive(Debug, Parser)]
#[command(version, about = ABOUT.split('\n').next(), long_about = ABOUT)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a bundle and say what is proved.
    #[command(after_help = VERIFY_HELP)]
    Verify(Verify),
    /// Check a bundle, decrypt it, and write it out for reading.
    #[command(after_help = OPEN_HELP)]
    Open {
        /// The unpacked bundle, a folder.
        bundle: PathBuf,
        /// Your age identity file (AGE-SECRET-KEY-1…), if the keys are encrypted to you.
        #[arg(long, value_name = "FILE")]
        identity: Option<PathBuf>,
        /// A new or empty folder to write to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        reader: Reader,
    },
    /// Check the signatures on a checkpoint.
    #[command(after_help = CHECKPOINT_HELP)]
    Checkpoint {
        /// The checkpoint, a signed note.
        file: PathBuf,
        /// The keys you trust.
        #[arg(long, value_name = "FILE")]
        trust: PathBuf,
    },
}

/// Checks a bundle and says what is proved.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The unpacked bundle, a folder.
    bundle: PathBuf,
    #[command(flatten)]
    reader: Reader,
    /// Print one JSON object instead of sentences.
    #[arg(long)]
    json: bool,
}

/// What the reader brings along.
#[derive(Debug, clap::Args)]
struct Reader {
    /// The keys you trust (C2SP tlog-policy), got by another way than the bundle.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// A checkpoint of the same log that you kept.
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
    /// Verdicts that must be attested or better for exit status 0, such as time,erasure.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = topic)]
    require: Vec<Topic>,
}

fn topic(name: &str) -> Result<Topic, String> {
    let names = Topic::ALL.map(Topic::as_str).join(", ");
    name.parse()
        .map_err(|_unknown| format!("not one of {names}"))
}

impl Reader {
    fn options(self) -> Result<Options, String> {
        let trust = self.trust.as_deref().map(read_trust).transpose()?;
        let head = self.head.as_deref().map(read).transpose()?;
        Ok(Options {
            trust,
            head,
            require: self.require,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn read_trust(path: &Path) -> Result<Trust, String> {
    let bytes = read(path)?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_utf8| format!("{}: not text", path.display()))?;
    Trust::parse(text).map_err(|error| format!("{}: {error}", path.display()))
}

impl Cli {
    /// Runs the command: exit status and what to print; an error is the reader's to mend (exit 2).
    pub fn run(self) -> Result<(u8, String), String> {
        match self.command {
            Command::Verify(verify) => verify.run(),
            Command::Open {
                bundle,
                identity,
                out,
                reader,
            } => run_open(&bundle, identity.as_deref(), &out, reader),
            Command::Checkpoint { file, trust } => run_checkpoint(&file, &trust),
        }
    }
}

impl Verify {
    /// Checks: exit status (README §7) and what to print; an error is the reader's to mend (exit
    /// 2).
    pub fn run(self) -> Result<(u8, String), String> {
        let report = verify(&self.bundle, &self.reader.options()?);
        let text = if self.json {
            format!("{}\n", report.to_json())
        } else {
            report.to_string()
        };
        Ok((report.exit, text))
    }
}

fn run_open(
    bundle: &Path,
    identity: Option<&Path>,
    out: &Path,
    reader: Reader,
) -> Result<(u8, String), String> {
    let options = reader.options()?;
    let identity = identity.map(read).transpose()?.map(zeroize::Zeroizing::new);
    let identity = identity.as_ref().map(|bytes| bytes.as_slice());
    match open(bundle, out, identity, &options) {
        Ok(opened) => {
            let (report, out) = (&opened.report, out.display());
            let said = format!(
                "{report}\nWrote {out}/records.jsonl and {out}/index.html: {} records, {} of them \
                 with their content.\n",
                opened.records, opened.bodies
            );
            Ok((report.exit, said))
        }
        Err(OpenError::Refused(report)) => {
            Ok((report.exit, format!("{report}\nNothing was written.\n")))
        }
        Err(OpenError::Changed) => Ok((
            10,
            "error: the bundle cannot be opened as it was recorded\n".into(),
        )),
        Err(error) => Err(error.to_string()),
    }
}

fn run_checkpoint(file: &Path, trust: &Path) -> Result<(u8, String), String> {
    let (bytes, trust) = (read(file)?, read_trust(trust)?);
    let parsed = Note::parse(&bytes)
        .and_then(|note| Checkpoint::parse_text(&note.text).map(|checkpoint| (note, checkpoint)));
    let (note, checkpoint) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return Ok((10, format!("{}: {error}\n", file.display()))),
    };
    Ok(match trust.judge_origin(&note, &checkpoint.origin) {
        Ok(()) => (
            0,
            format!(
                "The checkpoint of {} over {} records is signed as your trust file asks.\nroot {}\n",
                checkpoint.origin,
                checkpoint.size,
                checkpoint.root.to_hex()
            ),
        ),
        Err(error) => (10, format!("{error}\n")),
    })
}
