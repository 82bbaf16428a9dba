//! Texts that Nix 2.8 evaluated with `nix-instantiate --eval --strict --json`, and what it said.

use podman_btrfs_source::read;
use serde_json::Value;

#[test]
fn every_text_reads_as_nix_reads_it() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("golden/nix-2.8.json")).unwrap();
    assert!(rows.len() > 180);
    let mut wrong = Vec::new();
    for row in &rows {
        let text = row["nix"].as_str().unwrap();
        let read = read(text);
        let holds = match row["verdict"].as_str().unwrap() {
            "value" => read
                .as_ref()
                .is_ok_and(|document| document.value == row["json"]),
            // Nix has an error there, or a value that only evaluation gives.
            "refused" | "evaluated" => read.as_ref().is_err_and(|findings| !findings.is_empty()),
            other => panic!("{other}"),
        };
        if !holds {
            wrong.push(format!("{text:?}: {}, read as {read:?}", row["json"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
