//! What was begun and has not ended: the journals of the commands that change data in several steps.

use std::path::Path;

use podman_btrfs_core::observed::{BegunWork, Task};
use serde::Serialize;

use crate::migrate;
use crate::restore::journal::Journal as RestoreJournal;
use crate::system::{Fault, System};
use crate::update::journal::Journal as UpdateJournal;

/// All of it, by kind, then by whose it is. `receipts` has a directory for each kind of journal.
pub(super) fn begun(receipts: &Path, system: &dyn System) -> Result<Vec<BegunWork>, Fault> {
    let mut begun = moves(system, &receipts.join(migrate::JOURNALS))?;
    let restores = RestoreJournal::all(system, &receipts.join(crate::restore::JOURNALS))?;
    let open = restores.into_iter().filter(|one| !one.has_ended());
    begun.extend(open.map(|one| of(Task::Restore, one.copy, word(&one.stage))));
    let updates = UpdateJournal::all(system, &receipts.join(crate::update::JOURNALS))?;
    let open = updates.into_iter().filter(|one| !one.has_ended());
    begun.extend(open.map(|one| of(Task::Update, one.copies.join(", "), word(&one.stage))));
    begun.sort_unstable();
    Ok(begun)
}

fn moves(system: &dyn System, directory: &Path) -> Result<Vec<BegunWork>, Fault> {
    let mut begun = Vec::new();
    for name in system.list(directory)?.unwrap_or_default() {
        let file = directory.join(&name);
        if name == migrate::store::FILE {
            if let Some(one) = migrate::store::StoreJournal::read(system, &file)?
                && !one.has_ended()
            {
                begun.push(of(Task::MigrateStore, one.graph_root, word(&one.stage)));
            }
        } else if Path::new(&name).extension().is_some_and(|of| of == "json")
            && let Some(one) = migrate::journal::Journal::read(system, &file)?
            && !one.has_ended()
        {
            begun.push(of(Task::Migrate, one.volume, word(&one.stage)));
        }
    }
    Ok(begun)
}

fn of(task: Task, of: String, stage: String) -> BegunWork {
    BegunWork { task, of, stage }
}

/// A stage as its journal writes it.
fn word(stage: &impl Serialize) -> String {
    let written = serde_json::to_value(stage).ok();
    let word = written.as_ref().and_then(serde_json::Value::as_str);
    word.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::FakeSystem;

    const ID: &str = "00112233445566778899aabbccddeeff";

    fn found(file: &str, text: &str) -> Result<Vec<BegunWork>, Fault> {
        let system = FakeSystem::with_directories(&[
            "/",
            "/r",
            "/r/migrations",
            "/r/restores",
            "/r/updates",
        ]);
        system.put_text(&format!("/r/{file}"), text);
        begun(Path::new("/r"), &system)
    }

    fn restore(stage: &str) -> String {
        format!(
            r#"{{"journalVersion": 1, "id": "{ID}", "copy": "shop@2", "asked": {{"volumes": [], "at": null, "snapshot": null, "from": null}},
            "point": "p", "taken": 1, "started": 2, "exchanged": null, "keepDays": 7, "isUndone": false, "before": null,
            "stage": "{stage}", "units": [], "items": []}}"#
        )
    }

    #[test]
    fn what_has_not_ended_is_told_and_what_has_is_not() {
        let file = format!("restores/{ID}.json");
        let told = found(&file, &restore("exchanging")).unwrap();
        let [one] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(one.shown(), "the restore of shop@2");
        assert_eq!(one.stage, "exchanging");
        assert_eq!(
            one.ended_by(),
            "podman-btrfs restore PLAN shop@2 --continue"
        );
        assert_eq!(found(&file, &restore("done")).unwrap(), []);
    }

    #[test]
    fn a_host_without_journals_has_begun_nothing() {
        let system = FakeSystem::with_directories(&["/"]);
        assert_eq!(begun(Path::new("/r"), &system).unwrap(), []);
    }

    #[test]
    fn a_journal_that_is_not_understood_is_not_taken_for_none() {
        for file in [
            format!("restores/{ID}.json"),
            format!("updates/{ID}.json"),
            "migrations/shop+pgdata.json".to_owned(),
            "migrations/store-root.json".to_owned(),
        ] {
            let why = found(&file, "{").unwrap_err().to_string();
            assert!(why.contains(&file), "{why}");
        }
    }
}
