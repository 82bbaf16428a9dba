//! Text or JSON value to [`Spec`], with every finding at once.
//!
//! The types are the authority. Reading goes the fast way, straight into the types; only when that
//! fails is the value held against the JSON Schema of the same types, which finds *all* that is wrong.

mod json;
mod lists;
pub(crate) mod schema;

use serde_json::Value;

use super::{SCHEMA_VERSION, Spec};
use crate::analysis::analyse;
use crate::finding::{Diagnostic, Level};
use crate::option_path::{OptionPath, Step};
use crate::rules::validity::{
    DOCUMENT_UNREADABLE, NAME_DECLARED_TWICE, SCHEMA_VERSION_UNKNOWN, VALUE_NOT_UNDERSTOOD,
};
use crate::rules::{Rule, decide};

/// Reads a declaration from JSON text.
///
/// # Errors
/// All findings: text that is no JSON, a name that stands twice, and everything [`parse_value`] finds.
pub fn parse_json(text: &str) -> Result<Spec, Vec<Diagnostic>> {
    let (value, repeated) = json::parse(text).map_err(|why| {
        vec![finding(
            &DOCUMENT_UNREADABLE,
            OptionPath::root(),
            format!("this is not JSON: {why}"),
            "write one JSON object with the options below `services.podmanBtrfs`".into(),
        )]
    })?;
    let mut findings: Vec<Diagnostic> = repeated
        .into_iter()
        .map(|at| {
            finding(
                &NAME_DECLARED_TWICE,
                at,
                "this name stands twice in the same object, and only one of the two would count"
                    .into(),
                "keep one of them, or give the second a name of its own".into(),
            )
        })
        .collect();
    match parse_value(&value) {
        Ok(spec) if findings.is_empty() => Ok(spec),
        Ok(_) => Err(findings),
        Err(more) => {
            findings.extend(more);
            Err(findings)
        }
    }
}

/// Reads a declaration from a JSON value.
///
/// # Errors
/// All findings, each with the path of the value that it is about.
pub fn parse_value(value: &Value) -> Result<Spec, Vec<Diagnostic>> {
    check_version(value)?;
    let unfit = |error: Option<serde_path_to_error::Error<serde_json::Error>>| {
        let mut findings = schema::findings(value);
        if findings.is_empty() {
            findings.extend(error.as_ref().map(unexpected));
        } else {
            findings.extend(behind(value, &findings));
        }
        findings
    };
    if lists::stand_elsewhere(value) {
        let findings = unfit(None);
        if !findings.is_empty() {
            return Err(findings);
        }
    }
    serde_path_to_error::deserialize(value).map_err(|error| unfit(Some(error)))
}

/// What the validity rules find in the rest of a declaration that holds values of the wrong form, so that
/// one run tells everything. Findings that may only be consequences of what was left out are not told.
fn behind(value: &Value, refused: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut rest = value.clone();
    for finding in refused {
        remove(&mut rest, &finding.at.0);
    }
    let Ok(spec) = serde_json::from_value::<Spec>(rest) else {
        return Vec::new();
    };
    let is_consequence = |at: &OptionPath| {
        refused
            .iter()
            .any(|refused| at.0.starts_with(&refused.at.0) || refused.at.0.starts_with(&at.0))
    };
    // A target without its `url` is left out; that policies refer to it is no mistake.
    let names_left_out = |found: &Diagnostic| {
        refused.iter().any(|refused| match refused.at.0.last() {
            Some(Step::Key(name)) => found.message.contains(&format!("`{name}`")),
            Some(Step::Index(_)) | None => false,
        })
    };
    decide(&analyse(&spec))
        .diagnostics
        .into_iter()
        .filter(|found| found.level == Level::Error && !names_left_out(found))
        .filter(|found| !found.related.iter().chain([&found.at]).any(is_consequence))
        .collect()
}

/// Takes the value at a path out of a document; of a list, the whole list.
fn remove(value: &mut Value, path: &[Step]) {
    match (path, value) {
        ([Step::Key(last)] | [Step::Key(last), Step::Index(_), ..], Value::Object(object)) => {
            object.remove(last);
        }
        ([Step::Key(key), rest @ ..], Value::Object(object)) => {
            if let Some(inner) = object.get_mut(key) {
                remove(inner, rest);
            }
        }
        _ => {}
    }
}

/// The version comes first: of a newer format nothing else can be said.
fn check_version(value: &Value) -> Result<(), Vec<Diagnostic>> {
    match value.get("schemaVersion") {
        None | Some(Value::Null) => Ok(()),
        Some(version) if version.as_u64() == Some(u64::from(SCHEMA_VERSION)) => Ok(()),
        Some(version) => Err(vec![finding(
            &SCHEMA_VERSION_UNKNOWN,
            OptionPath::of(["schemaVersion"]),
            format!(
                "this helper reads version {SCHEMA_VERSION} of the declaration, and this one is of version {version}"
            ),
            "use the helper and the module of one release".into(),
        )]),
    }
}

/// What the types refuse and the schema lets pass: told in the types' own words.
fn unexpected(error: &serde_path_to_error::Error<serde_json::Error>) -> Diagnostic {
    let steps = error.path().iter().filter_map(|segment| match segment {
        serde_path_to_error::Segment::Seq { index } => Some(Step::Index(*index)),
        serde_path_to_error::Segment::Map { key } => Some(Step::Key(key.clone())),
        serde_path_to_error::Segment::Enum { .. } | serde_path_to_error::Segment::Unknown => None,
    });
    finding(
        &VALUE_NOT_UNDERSTOOD,
        OptionPath(steps.collect()),
        error.inner().to_string(),
        "see `podman-btrfs schema spec` for what can stand here".into(),
    )
}

/// A finding of a rule that works on the document itself.
pub(super) fn finding(rule: &Rule, at: OptionPath, message: String, help: String) -> Diagnostic {
    Diagnostic {
        code: rule.code.into(),
        level: rule.level,
        at,
        message,
        help,
        related: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let findings = parse_json(text).expect_err("it is refused");
        findings
            .iter()
            .map(|f| format!("{} {}: {} ({})", f.code, f.at, f.message, f.help))
            .collect()
    }

    #[test]
    fn a_list_is_no_object_whose_fields_are_in_order() {
        for (text, at) in [
            ("[]", ""),
            (r#"{"engine": []}"#, "engine"),
            (r#"{"filesystems": {"a": [["/dev/a"]]}}"#, "filesystems.a"),
            (r#"{"workloads": {"disks": []}}"#, "workloads.disks"),
            (
                r#"{"policies": {"a": {"keep": [1, 2, 3, 4, 5]}}}"#,
                "policies.a.keep",
            ),
        ] {
            let findings = parse_json(text).expect_err("it is refused");
            let places: Vec<_> = findings.iter().map(|f| f.at.to_string()).collect();
            assert_eq!(places, [at], "{text}");
        }
        let lists = r#"{"workloads": {"a": {"platforms": ["linux/amd64"], "protection": {"policy": "p",
            "hooks": {"c": {"freeze": ["x"], "thaw": []}}}}}, "policies": {"p": {"targets": ["t"]}}}"#;
        assert!(parse_json(lists).is_ok());
    }

    #[test]
    fn all_mistakes_come_back_at_once() {
        let findings = told(
            r#"{"filesystems": {"tank": {"device": "/dev/sda"}}, "workloads": {"a b": {}, "shop": {"replicas": 0, "volums": {},
                "volumes": {"x": {"size": "5GB", "class": "databse", "copyOnWrite": "no"}}}}}"#,
        );
        assert_eq!(findings.len(), 6, "{findings:#?}");
        assert!(
            findings
                .iter()
                .any(|f| f.contains("workloads.shop.volums") && f.contains("`volumes`"))
        );
        assert!(
            findings
                .iter()
                .any(|f| f.contains("volumes.x.class") && f.contains("`database`"))
        );
        assert!(
            findings
                .iter()
                .any(|f| f.contains("volumes.x.size") && f.contains("written `G`"))
        );
    }

    #[test]
    fn a_name_that_stands_twice_is_found() {
        let findings = told(r#"{"workloads": {"a": {}, "b": {}, "a": {}}}"#);
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0].starts_with("PB105 workloads.a:"),
            "{findings:?}"
        );
    }

    #[test]
    fn of_a_newer_version_only_the_version_is_told() {
        let findings = told(r#"{"schemaVersion": 2, "nonsense": 1}"#);
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0].starts_with("PB104 schemaVersion:"),
            "{findings:?}"
        );
    }

    #[test]
    fn text_cut_in_the_middle_is_told_with_its_place() {
        let findings = told("{\"workloads\": {\n  \"a\": {");
        assert!(findings[0].contains("line 2 column 8"), "{findings:?}");
    }

    #[test]
    fn deep_nesting_is_a_finding() {
        let text = "[".repeat(100_000);
        assert!(
            told(&text)[0].contains("recursion limit"),
            "{:?}",
            told(&text)
        );
    }

    #[test]
    fn a_wrong_value_hides_no_wrong_reference_elsewhere() {
        let findings = told(
            r#"{"filesystems": {"tank": {"disks": "a"}}, "workloads": {
                "shop": {"volumes": {"x": {"size": "5x"}}},
                "blog": {"protection": {"policy": "gold"}}},
                "targets": {"nas": {}}, "policies": {"silver": {"targets": ["nas"]}}}"#,
        );
        assert_eq!(findings.len(), 4, "{findings:#?}");
        assert!(
            findings
                .iter()
                .any(|f| f.starts_with("PB106 workloads.blog.protection.policy"))
        );
        assert!(
            !findings.iter().any(|f| f.starts_with("PB108")),
            "a consequence is not told: {findings:#?}"
        );
    }

    #[test]
    fn null_and_absent_mean_the_same() {
        let absent = parse_json("{}").unwrap();
        let null = parse_json(r#"{"schemaVersion": null, "planFile": null}"#).unwrap();
        assert_eq!(absent, null);
    }
}
