//! The ready file: written whole, when everything answers.

use std::path::Path;

/// Writes the file beside its place and moves it there, so that nobody reads half of it.
///
/// # Errors
/// When the place cannot be written.
pub fn write(path: &Path, content: &serde_json::Value) -> anyhow::Result<()> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)?;
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    std::fs::write(&draft, serde_json::to_vec_pretty(content)?)?;
    std::fs::rename(&draft, path)?;
    Ok(())
}
