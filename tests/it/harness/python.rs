//! Programs of others, in Python: an environment for each list of requirements, made once.

use std::path::{Path, PathBuf};
use std::process::Output;
use tokio::process::Command;

/// The folder of scripts and requirements.
pub(crate) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python");

/// The interpreter of the environment `name` with what `requirements` lists; none if it cannot be
/// had here, which CI does not forgive.
pub(crate) async fn with(name: &str, requirements: &str) -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let list = format!("{FOLDER}/{requirements}");
    let wanted = std::fs::read_to_string(&list).unwrap();
    let installed = home.join("installed.txt");
    let python = home.join("bin/python3");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Some(python);
    }
    let made = run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&home))
    .await;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    let filled = match made {
        Ok(_) => run(Command::new(&python).args(pip).arg("-r").arg(list)).await,
        failed => failed,
    };
    match filled {
        Ok(_) => {
            std::fs::write(&installed, wanted).unwrap();
            Some(python)
        }
        Err(why) => {
            assert!(
                std::env::var_os("CI").is_none(),
                "CI needs {requirements}: {why}"
            );
            println!("skipped: {requirements} cannot be installed: {why}");
            None
        }
    }
}

/// Runs a program to its end; what it said, if it failed.
pub(crate) async fn run(command: &mut Command) -> Result<Output, String> {
    let out = command
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| error.to_string())?;
    if out.status.success() {
        return Ok(out);
    }
    let said = [out.stdout, out.stderr].concat();
    Err(String::from_utf8_lossy(&said).into_owned())
}
