//! Whether a file is whole and what it calls itself, by the marks of its container: its beginning says neither whether
//! its end has come nor whether a zip is a Word document. Read once, in pieces; nothing is unpacked.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};

use super::kind::{self, Kind};

/// What is said of a file whose end is missing.
pub(super) const CUT_OFF: &str = "ends in the middle: it was cut off when it was saved or on its way here; open it to see, and upload a whole one";
/// What is said of an archive that is no office document.
const NO_OFFICE: &str = "is called an office document and is none: WhatsApp takes Word, Excel and PowerPoint documents, and no other archives; save it as PDF, or send a link to it";

/// What the file is, now that it is here whole.
///
/// # Errors
/// A sentence for people: its end is missing, or it is not what it is called.
pub(super) fn checked(file: File, kind: Kind) -> Result<Kind, String> {
    let bytes = file.metadata().map_err(away)?.len();
    let mut file = BufReader::with_capacity(64 << 10, file);
    file.rewind().map_err(away)?;
    let found = match kind.mime_type {
        "image/jpeg" => jpeg(&mut file).map(|()| kind),
        "image/png" => png(&mut file).map(|()| kind),
        "image/webp" => webp(&mut file, bytes).map(|()| kind),
        "video/mp4" | "video/3gpp" | "audio/mp4" => boxes(&mut file, bytes).map(|()| kind),
        _ if kind::is_new_office(kind) => office(zip(&mut file, bytes)),
        _ if kind::is_old_office(kind) => office(compound(&mut file)),
        _ => Ok(kind),
    };
    match found {
        Ok(kind) => Ok(kind),
        Err(Fault::CutOff) => Err(CUT_OFF.to_owned()),
        Err(Fault::NoOffice) => Err(NO_OFFICE.to_owned()),
        Err(Fault::Read(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(CUT_OFF.to_owned())
        }
        Err(Fault::Read(error)) => Err(away(error)),
    }
}

/// What is wrong.
#[derive(Debug)]
enum Fault {
    CutOff,
    NoOffice,
    Read(std::io::Error),
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Read(error)
    }
}

type Found<T> = Result<T, Fault>;
type Reader = BufReader<File>;

fn away(error: std::io::Error) -> String {
    tracing::error!(error = %error, "an uploaded file cannot be read again");
    "could not be read here; upload it once more".to_owned()
}

fn take<const N: usize>(file: &mut Reader) -> Found<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Its segments up to the mark of its end (ITU T.81, annex B). Phones write more behind it.
fn jpeg(file: &mut Reader) -> Found<()> {
    let mut mark = 0;
    take::<2>(file)?;
    loop {
        // Between scans stand coded bytes, where 0xff 0 is a byte and 0xd0 to 0xd7 begin anew.
        if mark == 0xda {
            file.skip_until(0xff)?;
        } else if take::<1>(file)? != [0xff] {
            return Err(Fault::CutOff);
        }
        let mut next = take::<1>(file)?[0];
        while next == 0xff {
            next = take::<1>(file)?[0];
        }
        match next {
            0xd9 => return Ok(()),
            0 | 0xd0..=0xd7 if mark == 0xda => {}
            0x01 | 0xd0..=0xd8 => mark = next,
            _ => {
                let length = u16::from_be_bytes(take(file)?);
                file.seek_relative(i64::from(length.max(2)) - 2)?;
                mark = next;
            }
        }
    }
}

/// Its chunks up to `IEND` (the PNG specification, 5.3).
fn png(file: &mut Reader) -> Found<()> {
    take::<8>(file)?;
    loop {
        let length = u32::from_be_bytes(take(file)?);
        let name = take::<4>(file)?;
        // With its check sum.
        file.seek_relative(i64::from(length))?;
        take::<4>(file)?;
        if &name == b"IEND" {
            return Ok(());
        }
    }
}

/// Its length stands at its beginning (RIFF).
fn webp(file: &mut Reader, bytes: u64) -> Found<()> {
    take::<4>(file)?;
    let length = u64::from(u32::from_le_bytes(take(file)?));
    if length + 8 > bytes {
        return Err(Fault::CutOff);
    }
    Ok(())
}

/// Its boxes up to the end of the file, one of them with the index without which nothing plays it (ISO/IEC 14496-12).
fn boxes(file: &mut Reader, bytes: u64) -> Found<()> {
    let (mut place, mut indexed) = (0_u64, false);
    while place < bytes {
        file.seek(SeekFrom::Start(place))?;
        let short = u64::from(u32::from_be_bytes(take(file)?));
        let name = take::<4>(file)?;
        let length = match short {
            // Up to the end of the file.
            0 => bytes - place,
            1 => u64::from_be_bytes(take(file)?),
            short => short,
        };
        indexed |= &name == b"moov";
        // What a few bytes at the end are is nobody's business.
        if length < 8 || name.iter().any(|letter| *letter < b' ') {
            break;
        }
        place = place.saturating_add(length);
    }
    if place > bytes || !indexed {
        return Err(Fault::CutOff);
    }
    Ok(())
}

/// Which office document the names of parts and streams tell.
fn office(found: Found<Option<&'static str>>) -> Found<Kind> {
    found?.and_then(kind::office).ok_or(Fault::NoOffice)
}

/// The document that a zip is, by the names in its directory (ECMA-376, part 2).
fn zip(file: &mut Reader, bytes: u64) -> Found<Option<&'static str>> {
    let (mut place, mut left) = directory(file, bytes)?.ok_or(Fault::CutOff)?;
    let (mut typed, mut found) = (false, None);
    while left > 0 {
        file.seek(SeekFrom::Start(place))?;
        let entry = take::<46>(file)?;
        if !entry.starts_with(b"PK\x01\x02") {
            return Err(Fault::CutOff);
        }
        let [name_length, extra, remark] =
            [28, 30, 32].map(|at| u16::from_le_bytes([entry[at], entry[at + 1]]));
        let mut name = vec![0; usize::from(name_length)];
        file.read_exact(&mut name)?;
        typed |= name == b"[Content_Types].xml";
        found = found.or(match name.as_slice() {
            [b'w', b'o', b'r', b'd', b'/', ..] => Some("docx"),
            [b'x', b'l', b'/', ..] => Some("xlsx"),
            [b'p', b'p', b't', b'/', ..] => Some("pptx"),
            _ => None,
        });
        if typed && found.is_some() {
            return Ok(found);
        }
        place += 46 + u64::from(name_length) + u64::from(extra) + u64::from(remark);
        left -= 1;
    }
    Ok(None)
}

/// Where a zip's directory begins and how many entries it has, from the record at its end (APPNOTE 4.3.16).
fn directory(file: &mut Reader, bytes: u64) -> Found<Option<(u64, u64)>> {
    // Behind it stands nothing but a remark.
    let from = bytes.saturating_sub(22 + 0xffff);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let mut places = (0..tail.len().saturating_sub(21)).rev();
    let Some(at) = places.find(|at| tail[*at..].starts_with(b"PK\x05\x06")) else {
        return Ok(None);
    };
    let end = &tail[at..];
    let entries = u64::from(u16::from_le_bytes([end[10], end[11]]));
    let begins = u32::from_le_bytes([end[16], end[17], end[18], end[19]]);
    if begins != u32::MAX {
        return Ok(Some((begins.into(), entries)));
    }
    // The large form: a pointer to its own record stands just before.
    let Some(pointer) = at.checked_sub(20).and_then(|at| tail.get(at..at + 16)) else {
        return Ok(None);
    };
    if !pointer.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let mut record = [0; 8];
    record.copy_from_slice(&pointer[8..]);
    file.seek(SeekFrom::Start(u64::from_le_bytes(record)))?;
    let record = take::<56>(file)?;
    let number = |at: usize| {
        let mut number = [0; 8];
        number.copy_from_slice(&record[at..at + 8]);
        u64::from_le_bytes(number)
    };
    let is_one = record.starts_with(b"PK\x06\x06");
    Ok(is_one.then(|| (number(48), number(32))))
}

/// The document that a compound file is, by the names of its streams: entries of 128 bytes that begin with a name in
/// UTF-16 and stand at multiples of their size, wherever in the file their sector is ([MS-CFB] 2.6.1).
fn compound(file: &mut Reader) -> Found<Option<&'static str>> {
    const STREAMS: [(&str, &str); 4] = [
        ("WordDocument\0", "doc"),
        ("Workbook\0", "xls"),
        ("Book\0", "xls"),
        ("PowerPoint Document\0", "ppt"),
    ];
    let names = STREAMS.map(|(name, document)| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        (name, document)
    });
    loop {
        let mut entry = [0; 128];
        match file.read_exact(&mut entry) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let found = names.iter().find(|(name, _)| entry.starts_with(name));
        if let Some((_, document)) = found {
            return Ok(Some(*document));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use image::{DynamicImage, ImageFormat};

    use super::*;

    fn check(bytes: &[u8], name: &str) -> Result<&'static str, String> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).expect("room for it");
        let kind = kind::of(&bytes[..bytes.len().min(4_096)], "", name).expect("a known kind");
        checked(file, kind).map(|kind| kind.mime_type)
    }

    fn picture(format: ImageFormat) -> Vec<u8> {
        let noise = image::RgbImage::from_fn(90, 60, |x, y| {
            image::Rgb([
                (x * 7 % 251) as u8,
                (y * 13 % 241) as u8,
                (x * y % 239) as u8,
            ])
        });
        let mut bytes = Cursor::new(Vec::new());
        let picture = DynamicImage::from(noise);
        picture.write_to(&mut bytes, format).expect("a picture");
        bytes.into_inner()
    }

    #[test]
    fn a_picture_that_ends_in_the_middle_is_none() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let whole = picture(format);
            let mime = format.to_mime_type();
            assert_eq!(check(&whole, "a"), Ok(mime));
            // Phones write more behind it.
            assert_eq!(check(&[&whole[..], b"more"].concat(), "a"), Ok(mime));
            for part in [whole.len() - 2, whole.len() / 2, 60] {
                let cut = check(&whole[..part], "a");
                assert_eq!(cut, Err(CUT_OFF.to_owned()), "{mime} of {part} bytes");
            }
        }
    }

    #[test]
    fn a_video_without_its_index_is_none() {
        let of = |name: &[u8; 4], content: &[u8]| {
            let length = u32::try_from(content.len() + 8).expect("a short box");
            [&length.to_be_bytes()[..], name, content].concat()
        };
        let kind = of(b"ftyp", b"isom\0\0\x02\0");
        let whole = [&kind[..], &of(b"moov", &[0; 40]), &of(b"mdat", &[1; 90])].concat();
        assert_eq!(check(&whole, "a.mp4"), Ok("video/mp4"));
        assert!(check(&whole[..whole.len() - 1], "a.mp4").is_err());
        assert!(check(&[&kind[..], &of(b"mdat", &[1; 90])].concat(), "a.mp4").is_err());
        let open = [&kind[..], &of(b"moov", &[0; 4]), b"\0\0\0\0mdat", &[1; 90]].concat();
        assert_eq!(check(&open, "a.mp4"), Ok("video/mp4"));
    }

    /// A zip whose files are empty.
    fn zip_of(names: &[&str]) -> Vec<u8> {
        let (mut files, mut directory) = (Vec::new(), Vec::new());
        for name in names {
            let length = u16::try_from(name.len()).expect("a short name");
            let place = u32::try_from(files.len()).expect("a short file");
            files.extend_from_slice(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0");
            files.extend_from_slice(&[0; 12]);
            files.extend_from_slice(&length.to_le_bytes());
            files.extend_from_slice(&[0; 2]);
            files.extend_from_slice(name.as_bytes());
            directory.extend_from_slice(b"PK\x01\x02\x14\0\x14\0");
            directory.extend_from_slice(&[0; 20]);
            directory.extend_from_slice(&length.to_le_bytes());
            directory.extend_from_slice(&[0; 12]);
            directory.extend_from_slice(&place.to_le_bytes());
            directory.extend_from_slice(name.as_bytes());
        }
        let count = u16::try_from(names.len()).expect("a few");
        let begins = u32::try_from(files.len()).expect("a short file");
        let length = u32::try_from(directory.len()).expect("a short one");
        files.extend(directory);
        files.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        files.extend_from_slice(&count.to_le_bytes());
        files.extend_from_slice(&count.to_le_bytes());
        files.extend_from_slice(&length.to_le_bytes());
        files.extend_from_slice(&begins.to_le_bytes());
        files.extend_from_slice(&[0; 2]);
        files
    }

    #[test]
    fn an_office_document_is_what_stands_in_it_and_a_zip_is_none() {
        let word = zip_of(&["[Content_Types].xml", "_rels/.rels", "word/document.xml"]);
        let ending = |found: Result<&'static str, String>| found.map(kind::ending);
        assert_eq!(ending(check(&word, "a.docx")), Ok("docx"));
        assert_eq!(
            ending(check(&word, "a.xlsx")),
            Ok("docx"),
            "its content counts"
        );
        assert_eq!(
            check(&word[..word.len() - 9], "a.docx"),
            Err(CUT_OFF.to_owned())
        );
        for names in [
            &["holiday/1.jpg", "holiday/2.jpg"][..],
            &["word/document.xml"],
            &["[Content_Types].xml"],
        ] {
            let found = check(&zip_of(names), "a.docx");
            assert_eq!(found, Err(NO_OFFICE.to_owned()), "{names:?}");
        }
        let mut old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        old.resize(1_536, 0);
        assert_eq!(check(&old, "a.doc"), Err(NO_OFFICE.to_owned()));
        for (at, letter) in "Workbook".encode_utf16().enumerate() {
            old[1_152 + 2 * at..][..2].copy_from_slice(&letter.to_le_bytes());
        }
        assert_eq!(ending(check(&old, "a.doc")), Ok("xls"));
    }

    #[test]
    fn a_directory_that_points_nowhere_ends_the_search() {
        let mut word = zip_of(&["[Content_Types].xml", "word/document.xml"]);
        let end = word.len() - 22;
        word[end + 16..end + 20].copy_from_slice(&[0xff, 0xff, 0xff, 0]);
        assert!(check(&word, "a.docx").is_err());
        word[end + 16..end + 20].copy_from_slice(&[0xff; 4]);
        assert!(check(&word, "a.docx").is_err());
    }
}
