//! Files that somebody named: a name may lead to anything.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// Reads a file; of one that has more than `most` bytes one byte more, so that it shows. What may never end, or never
/// begin, is not opened: a pipe, a terminal, a device.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file whole or not at all: what is there is replaced by it once all of it is on the disk.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = OsString::from(path.as_os_str());
    name.push(format!(".{}.part", std::process::id()));
    let part = Path::new(&name);
    let written =
        File::create_new(part).and_then(|mut file| file.write_all(bytes)).and_then(|()| std::fs::rename(part, path));
    if written.is_err() {
        // What was begun is of no use; that it cannot be removed either changes nothing.
        std::fs::remove_file(part).ok();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let around = folder.path().join("around");
        std::os::unix::fs::symlink(&around, &around).unwrap();
        for path in
            [&pipe, &around, folder.path(), Path::new("/dev/zero"), Path::new("/dev/null"), Path::new("no/such")]
        {
            assert!(read(path, 10).is_err(), "{}", path.display());
        }
    }

    #[test]
    fn a_file_is_replaced_whole_or_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for bytes in [&b"one"[..], b"another", b""] {
            replace(&path, bytes).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), bytes);
        }
        let taken = folder.path().join("folder");
        std::fs::create_dir(&taken).unwrap();
        std::fs::write(taken.join("inside"), "").unwrap();
        assert!(replace(&taken, b"x").is_err() && replace(&folder.path().join("no/such"), b"x").is_err());
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }

    #[test]
    fn of_a_large_file_no_more_is_read_than_shows_that_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "0123456789").unwrap();
        assert_eq!([9, 10, 11].map(|most| read(&path, most).unwrap().len()), [10, 10, 10]);
        assert_eq!(read(&path, 3).unwrap(), b"0123");
    }
}
