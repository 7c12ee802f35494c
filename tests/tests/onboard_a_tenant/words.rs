//! The table of causes in the documentation is the program's.

use engine::onboarding::Cause;

#[test]
fn the_documentation_shows_the_table_of_causes_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ONBOARDING.md");
    let table: String = Cause::ALL
        .iter()
        .map(|cause| {
            let (word, who) = (cause.as_str(), cause.who().as_str());
            format!(
                "| `{word}` | {} | {} | {who} |\n",
                cause.title(),
                cause.action()
            )
        })
        .collect();
    let text = std::fs::read_to_string(path).unwrap();
    if std::env::var_os("UPDATE_CAUSES").is_some() {
        let (before, rest) = text.split_once("<!-- causes -->\n").unwrap();
        let (_, after) = rest.split_once("<!-- end of causes -->").unwrap();
        let head = "| cause | what happened | what to do | who |\n|---|---|---|---|\n";
        let whole = format!("{before}<!-- causes -->\n{head}{table}<!-- end of causes -->{after}");
        std::fs::write(path, whole).unwrap();
        return;
    }
    assert!(
        text.contains(&table),
        "run with UPDATE_CAUSES=1 to write the table into docs/ONBOARDING.md:\n{table}"
    );
}
