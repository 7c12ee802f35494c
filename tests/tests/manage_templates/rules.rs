//! The page of the rules is the program's own table.

use std::path::Path;

use domain::template::RULES;

fn page() -> String {
    let mut page = String::from(
        "# Rules of templates\n\nWhat a template is held against before Meta sees it, as `GET /api/v1/templates/rules` tells and \
         `POST /api/v1/templates/check` applies. The code is the one with which Meta refuses a template that breaks the rule: a \
         subcode where Meta has one. Made by `UPDATE_RULES=1 cargo nextest run -p stories --test manage_templates`.\n\n\
         | Rule | Part | What is required | Code |\n|---|---|---|---|\n",
    );
    for rule in RULES {
        let says = rule.says.replace('|', "\\|");
        page.push_str(&format!(
            "| `{}` | {} | {says} | {} |\n",
            rule.name, rule.part, rule.code
        ));
    }
    page
}

#[test]
fn the_page_of_the_rules_is_the_table_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/TEMPLATES.md");
    let made = page();
    if std::env::var_os("UPDATE_RULES").is_some() {
        let there = std::fs::read_to_string(&path).unwrap();
        let before = there.find("# Rules of templates").unwrap_or(there.len());
        std::fs::write(&path, format!("{}{made}", &there[..before])).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap();
    let begins = there.find("# Rules of templates").unwrap_or(0);
    assert_eq!(
        &there[begins..],
        made,
        "docs/TEMPLATES.md is not the table; run with UPDATE_RULES=1"
    );
}
