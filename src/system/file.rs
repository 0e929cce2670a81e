//! Files that somebody named: a name may lead to anything.

use std::fs::File;
use std::io::{self, Read};
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
    fn of_a_large_file_no_more_is_read_than_shows_that_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "0123456789").unwrap();
        assert_eq!([9, 10, 11].map(|most| read(&path, most).unwrap().len()), [10, 10, 10]);
        assert_eq!(read(&path, 3).unwrap(), b"0123");
    }
}
