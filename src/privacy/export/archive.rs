//! A bundle as one file, for its transport.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Packs the regular files under `dir` into the archive `to`, by their relative names in order;
/// returns its length in bytes. Links and other special files are refused.
pub fn zip(dir: &Path, to: &Path) -> io::Result<u64> {
    let mut names = Vec::new();
    walk(dir, &PathBuf::new(), &mut names)?;
    names.sort();
    let mut archive = ZipWriter::new(private(to)?);
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .large_file(true)
        .unix_permissions(0o644);
    for name in names {
        let path = name.to_str().ok_or(io::ErrorKind::InvalidData)?;
        archive
            .start_file(path, options)
            .map_err(io::Error::other)?;
        io::copy(&mut File::open(dir.join(&name))?, &mut archive)?;
    }
    let file = archive.finish().map_err(io::Error::other)?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

fn walk(root: &Path, under: &Path, names: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(under))? {
        let entry = entry?;
        let name = under.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(root, &name, names)?;
        } else if kind.is_file() {
            names.push(name);
        } else {
            return Err(io::ErrorKind::InvalidInput.into());
        }
    }
    Ok(())
}

/// A new file that only its owner reads: it may hold keys in the clear.
fn private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_has_relative_names_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let from = dir.path().join("bundle");
        fs::create_dir_all(from.join("bodies")).unwrap();
        fs::write(from.join("manifest.json"), b"{}").unwrap();
        fs::write(from.join("bodies/0.bin"), vec![7; 100_000]).unwrap();
        let to = dir.path().join("bundle.zip");
        assert_eq!(zip(&from, &to).unwrap(), fs::metadata(&to).unwrap().len());
        let archive = zip::ZipArchive::new(File::open(&to).unwrap()).unwrap();
        let names: Vec<_> = archive.file_names().map(Result::unwrap).collect();
        assert_eq!(names, ["bodies/0.bin", "manifest.json"]);
        assert!(zip(&from, &to).is_err(), "nothing is overwritten");
        std::os::unix::fs::symlink("/etc/passwd", from.join("link")).unwrap();
        assert!(zip(&from, &dir.path().join("b.zip")).is_err());
    }
}
