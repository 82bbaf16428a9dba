//! The plan itself.

use podman_btrfs_core::plan::Plan;

use crate::{Artefact, EmitError};

/// `plan.json`: all maps are ordered and all floats absent, so the text is the same everywhere.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    let mut text = serde_json::to_string_pretty(plan)?;
    text.push('\n');
    Ok(vec![Artefact {
        path: "plan.json".into(),
        text,
    }])
}
