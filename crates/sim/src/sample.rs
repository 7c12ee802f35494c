//! Tiny but valid files that the simulated phones send: PNG, WebP, Ogg/Opus, MP4 (container only) and PDF.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A file for a kind of message: its MIME type as Meta writes it, and its bytes; `tint` makes files differ.
pub(crate) fn file(kind: &str, tint: u64) -> (&'static str, Vec<u8>) {
    match kind {
        "image" => ("image/png", png(tint)),
        "sticker" => ("image/webp", webp()),
        "audio" => ("audio/ogg; codecs=opus", ogg(tint)),
        "video" => ("video/mp4", mp4()),
        _ => ("application/pdf", pdf(tint)),
    }
}

fn png(tint: u64) -> Vec<u8> {
    const SIDE: u32 = 32;
    let [red, green, blue, ..] = tint.to_be_bytes();
    let mut rows = Vec::new();
    for y in 0..SIDE {
        rows.push(0);
        for x in 0..SIDE {
            let light = if (x / 8 + y / 8) % 2 == 0 { 0 } else { 40 };
            rows.extend_from_slice(&[red | light, green | light, blue | light]);
        }
    }
    let mut header = Vec::new();
    header.extend_from_slice(&SIDE.to_be_bytes());
    header.extend_from_slice(&SIDE.to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [
        (b"IHDR", header),
        (b"IDAT", zlib_stored(&rows)),
        (b"IEND", Vec::new()),
    ] {
        file.extend_from_slice(&(data.len() as u32).to_be_bytes());
        let mut checked = name.to_vec();
        checked.extend_from_slice(&data);
        file.extend_from_slice(&checked);
        file.extend_from_slice(&crc32(&checked).to_be_bytes());
    }
    file
}

/// A zlib stream of one stored block: no compressor needed (RFC 1950, RFC 1951 section 3.2.4).
fn zlib_stored(data: &[u8]) -> Vec<u8> {
    let length = data.len() as u16;
    let mut stream = vec![0x78, 0x01, 1];
    stream.extend_from_slice(&length.to_le_bytes());
    stream.extend_from_slice(&(!length).to_le_bytes());
    stream.extend_from_slice(data);
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in data {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    stream.extend_from_slice(&((high << 16) | low).to_be_bytes());
    stream
}

fn crc32(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    !crc
}

/// Three Ogg pages (RFC 3533, RFC 7845): `OpusHead`, `OpusTags`, and 20 ms frames of silence.
fn ogg(tint: u64) -> Vec<u8> {
    let serial = tint as u32;
    let mut head = b"OpusHead\x01\x01".to_vec();
    head.extend_from_slice(&[0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0]);
    let mut tags = b"OpusTags".to_vec();
    tags.extend_from_slice(&[9, 0, 0, 0]);
    tags.extend_from_slice(b"simulated");
    tags.extend_from_slice(&[0, 0, 0, 0]);
    let silence: [&[u8]; 50] = [&[0xf8, 0xff, 0xfe]; 50];
    let mut file = ogg_page(serial, 0, 2, 0, &[&head]);
    file.extend(ogg_page(serial, 1, 0, 0, &[&tags]));
    file.extend(ogg_page(serial, 2, 4, 48_000, &silence));
    file
}

fn ogg_page(serial: u32, sequence: u32, flags: u8, granule: u64, packets: &[&[u8]]) -> Vec<u8> {
    let mut page = b"OggS\0".to_vec();
    page.push(flags);
    page.extend_from_slice(&granule.to_le_bytes());
    page.extend_from_slice(&serial.to_le_bytes());
    page.extend_from_slice(&sequence.to_le_bytes());
    page.extend_from_slice(&[0; 4]);
    page.push(packets.len() as u8);
    page.extend(packets.iter().map(|packet| packet.len() as u8));
    for packet in packets {
        page.extend_from_slice(packet);
    }
    let mut crc = 0_u32;
    for byte in &page {
        crc ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            crc = if crc >> 31 == 1 {
                (crc << 1) ^ 0x04c1_1db7
            } else {
                crc << 1
            };
        }
    }
    page[22..26].copy_from_slice(&crc.to_le_bytes());
    page
}

fn webp() -> Vec<u8> {
    STANDARD
        .decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
        .unwrap_or_default()
}

fn mp4() -> Vec<u8> {
    let mut file = Vec::new();
    let boxes: [(&[u8; 4], &[u8]); 2] = [
        (b"ftyp", b"isom\0\0\x02\0isomiso2mp41"),
        (b"mdat", b"simulated"),
    ];
    for (name, data) in boxes {
        file.extend_from_slice(&(data.len() as u32 + 8).to_be_bytes());
        file.extend_from_slice(name);
        file.extend_from_slice(data);
    }
    file
}

fn pdf(tint: u64) -> Vec<u8> {
    let text = format!(
        "BT /F1 18 Tf 24 90 Td (Simulated document {:06}) Tj ET",
        tint % 1_000_000
    );
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 320 180] /Contents 4 0 R \
         /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let start = file.len();
    file.push_str("xref\n0 5\n0000000000 65535 f \n");
    for offset in offsets {
        file.push_str(&format!("{offset:010} 00000 n \n"));
    }
    file.push_str(&format!(
        "trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}
