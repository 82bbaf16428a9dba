//! `modules/generated.json`: the flat lists that the options of the NixOS module are made of.

use podman_btrfs_core::analysis::mount_options::OF_EACH_MOUNT;
use podman_btrfs_core::finding::Level;
use podman_btrfs_core::plan::PLAN_VERSION;
use podman_btrfs_core::rules::{REGISTRY, Rule};
use podman_btrfs_core::spec::{
    Access, BackupMethod, Class, Compression, Consistency, DatabaseEngine, Driver, Encryption,
    ExistingContent, FilesystemType, Media, OnError, Platform, Profile, SCHEMA_VERSION,
    SnapshotTool,
};
use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value, json};

use super::{BY, Output};
use crate::task_error::TaskError;

pub(super) fn output() -> Result<Output, TaskError> {
    let value = json!({
        "_generated": BY,
        "accesses": values::<Access>("Access")?,
        "backupMethods": values::<BackupMethod>("BackupMethod")?,
        "classes": values::<Class>("Class")?,
        "compressions": values::<Compression>("Compression")?,
        "consistencies": values::<Consistency>("Consistency")?,
        "databaseEngines": values::<DatabaseEngine>("DatabaseEngine")?,
        "drivers": values::<Driver>("Driver")?,
        "encryptions": values::<Encryption>("Encryption")?,
        "existingContents": values::<ExistingContent>("ExistingContent")?,
        "filesystemTypes": values::<FilesystemType>("FilesystemType")?,
        "levels": values::<Level>("Level")?,
        "media": values::<Media>("Media")?,
        "onErrors": values::<OnError>("OnError")?,
        "optionsOfEachMount": OF_EACH_MOUNT.as_slice(),
        "planVersion": PLAN_VERSION,
        "platforms": values::<Platform>("Platform")?,
        "profiles": values::<Profile>("Profile")?,
        "rules": REGISTRY.iter().map(|rule| Ok((rule.code.to_owned(), record(rule)?))).collect::<Result<Map<_, _>, TaskError>>()?,
        "schemaVersion": SCHEMA_VERSION,
        "snapshotTools": values::<SnapshotTool>("SnapshotTool")?,
    });
    Ok(Output {
        path: "modules/generated.json",
        text: serde_json::to_string_pretty(&value)? + "\n",
    })
}

fn record(rule: &Rule) -> Result<Value, TaskError> {
    Ok(json!({
        "name": rule.name,
        "stage": rule.stage.name(),
        "level": serde_json::to_value(rule.level)?,
        "fixed": rule.fixed,
        "summary": rule.summary,
        "since": rule.since,
    }))
}

/// The values of an enumeration, in the order of the type, as its schema lists them: with a description
/// each (`oneOf`), or without (`enum`).
fn values<T: JsonSchema>(what: &'static str) -> Result<Vec<Value>, TaskError> {
    let schema = schema_for!(T).to_value();
    let list = |key: &str| schema.get(key).and_then(Value::as_array);
    let found: Option<Vec<Value>> = match (list("oneOf"), list("enum")) {
        (Some(alternatives), _) => alternatives
            .iter()
            .map(|alternative| alternative.get("const").cloned())
            .collect(),
        (None, values) => values.cloned(),
    };
    found
        .filter(|values| !values.is_empty())
        .ok_or_else(|| TaskError::NoValues {
            what,
            schema: schema.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_that_a_declaration_takes_in_the_order_of_the_type() {
        assert_eq!(
            values::<Platform>("Platform").unwrap()[..3],
            [
                json!("linux/amd64"),
                json!("linux/arm64"),
                json!("linux/arm/v7")
            ]
        );
        assert_eq!(
            values::<SnapshotTool>("SnapshotTool").unwrap(),
            [json!("btrbk"), json!("snapper")]
        );
    }

    #[test]
    fn a_type_without_values_is_refused_instead_of_an_empty_list() {
        assert!(values::<String>("String").is_err());
    }
}
