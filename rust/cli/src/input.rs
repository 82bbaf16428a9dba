//! Reading files: how much, and as what.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use podman_btrfs_core::finding::has_errors;
use podman_btrfs_core::plan::{PLAN_VERSION, Plan};
use podman_btrfs_core::rules::validity::document_unreadable;

use crate::fault::Fault;
use crate::finding::Finding;

/// The largest file that is read. The largest declaration that was measured, of 10,000 workloads, has 6 MB.
pub(crate) const MAX_BYTES: u64 = 32 << 20;

/// A file's text, or what stands against reading it.
pub(crate) type Text = Result<String, Box<Finding>>;

/// What messages call a file.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
}

/// Reads a file, or standard input where the name is `-`.
pub(crate) fn read(path: &Path) -> Result<Text, Fault> {
    let fault = |source| Fault::Read {
        path: path.to_owned(),
        source,
    };
    if path == Path::new("-") {
        return read_from(&mut std::io::stdin().lock(), None).map_err(fault);
    }
    let mut file = File::open(path).map_err(fault)?;
    let metadata = file.metadata().map_err(fault)?;
    let size = metadata.is_file().then_some(metadata.len());
    read_from(&mut file, size).map_err(fault)
}

fn read_from(stream: &mut dyn Read, size: Option<u64>) -> std::io::Result<Text> {
    if let Some(size) = size.filter(|size| *size > MAX_BYTES) {
        return Ok(Err(too_large(&format!("has {} MiB", size >> 20))));
    }
    let mut bytes = Vec::new();
    // A file may grow, and a pipe has no size: one byte more than allowed shows it.
    stream.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Ok(Err(too_large("goes on after that")));
    }
    Ok(String::from_utf8(bytes).map_err(|error| not_utf8(&error)))
}

fn too_large(what: &str) -> Box<Finding> {
    Box::new(Finding::of_document(
        &document_unreadable::RULE,
        format!(
            "a declaration has at most {} MiB, and this file {what}",
            MAX_BYTES >> 20
        ),
        "give the declaration alone; is this the right file?".into(),
    ))
}

fn not_utf8(error: &std::string::FromUtf8Error) -> Box<Finding> {
    let valid = error.utf8_error().valid_up_to();
    let before = error.as_bytes().get(..valid).unwrap_or_default();
    let line = String::from_utf8_lossy(before).matches('\n').count() + 1;
    Box::new(Finding::of_document(
        &document_unreadable::RULE,
        format!(
            "the file is not UTF-8: line {line} holds bytes that are no character (byte {valid} of the file)"
        ),
        "save it as UTF-8; is this a text file?".into(),
    ))
}

/// A plan's text to the plan; the version is compared before anything else is read.
pub(crate) fn plan(text: &str) -> Result<Plan, Box<Finding>> {
    let refuse = |message: String, help: &str| {
        Box::new(Finding::of_document(
            &document_unreadable::RULE,
            message,
            help.into(),
        ))
    };
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        refuse(
            format!("this is not JSON: {error}"),
            "give a `plan.json` as `plan --out` writes it",
        )
    })?;
    let version = value.get("planVersion");
    if version.and_then(serde_json::Value::as_u64) != Some(u64::from(PLAN_VERSION)) {
        let said = version.map_or_else(|| "none".to_owned(), ToString::to_string);
        return Err(refuse(
            format!("this helper reads plans of version {PLAN_VERSION}, and this one says {said}"),
            "plan again with this version of podman-btrfs",
        ));
    }
    let plan: Plan = serde_json::from_value(value).map_err(|error| {
        refuse(
            format!("this is no plan: {error}"),
            "plan again with this version of podman-btrfs",
        )
    })?;
    if has_errors(&plan.diagnostics) {
        return Err(refuse(
            "this plan holds errors, and so nothing to apply".into(),
            "correct the declaration (`podman-btrfs check` lists what is wrong) and plan again",
        ));
    }
    Ok(plan)
}

/// True for the text of a plan or of a bundle, which holds one.
pub(crate) fn is_plan(text: &str) -> bool {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    value.get("planVersion").is_some() || value.pointer("/plan/planVersion").is_some()
}

/// The plan of a plan's or a bundle's text.
pub(crate) fn plan_or_bundle(text: &str) -> Result<Plan, Box<Finding>> {
    let bundled = serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|mut value| Some(value.get_mut("plan")?.take()));
    match bundled {
        Some(inner) => plan(&inner.to_string()),
        None => plan(text),
    }
}
