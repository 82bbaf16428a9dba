//! Values of NixOS options, for the NixOS module to pass through.
//!
//! Nested by option path. The module adds nothing that is about storage, so each value is made here, by
//! the code that also writes the file which the option stands for. Mounts are not among them: the plan
//! has them in the form of `fileSystems` already.

use podman_btrfs_core::plan::{Job, Plan};
use podman_btrfs_core::spec::SnapshotTool;
use serde_json::{Map, Value, json};

use crate::btrbk::{self, Section};
use crate::btrbk_runs::runs;
use crate::snapper::{self, Setting};
use crate::{Artefact, EmitError, containers_conf, disko, prefetch, storage_conf};

/// What NixOS options are set to, nested by option path; `{}` for a plan of findings.
pub fn nixos_values(plan: &Plan) -> Result<Value, EmitError> {
    let mut values = Map::new();
    if let Some(attributes) = disko::attributes(plan)?
        && let Value::Object(attributes) = attributes.to_json()
    {
        values.extend(attributes);
    }
    values.extend(engine_values(plan)?);
    if let Some(boot) = boot_values(plan) {
        values.insert("boot".into(), boot);
    }
    let of_systemd = systemd_values(plan)?;
    if !of_systemd.is_empty() {
        // Podman's files have folders that tmpfiles makes.
        let systemd = values.entry("systemd").or_insert_with(|| Map::new().into());
        if let Value::Object(systemd) = systemd {
            systemd.extend(of_systemd);
        }
    }
    let mut services = Map::new();
    services.extend(btrbk_values(plan)?.map(|values| ("btrbk".into(), values)));
    services.extend(snapper_values(plan)?.map(|values| ("snapper".into(), values)));
    if !services.is_empty() {
        values.insert("services".into(), services.into());
    }
    Ok(values.into())
}

/// Podman's files: NixOS writes the main ones from settings, drop-ins are files of `/etc`.
fn engine_values(plan: &Plan) -> Result<Map<String, Value>, EmitError> {
    let (mut containers, mut etc) = (Map::new(), Map::new());
    for file in storage_conf::files(&plan.engine)? {
        if file.is_main() {
            let settings = serde_json::to_value(&file.content)?;
            containers.insert("storage".into(), json!({"settings": settings}));
        } else {
            let name = format!("containers/{}", file.path);
            etc.insert(name, json!({"text": file.text()?}));
        }
    }
    let mut values = Map::new();
    if let Some(conf) = &plan.engine.containers_conf {
        let settings = serde_json::to_value(containers_conf::document(conf))?;
        containers.insert("containersConf".into(), json!({"settings": settings}));
        values.extend(
            containers_conf::tmpfiles(conf)
                .map(|rules| ("systemd".into(), json!({"tmpfiles": {"settings": rules}}))),
        );
    }
    if !containers.is_empty() {
        values.insert("virtualisation".into(), json!({"containers": containers}));
    }
    if !etc.is_empty() {
        values.insert("environment".into(), json!({"etc": etc}));
    }
    Ok(values)
}

/// The plan and the values of NixOS options: what the NixOS module reads, built or committed.
pub fn bundle(plan: &Plan) -> Result<String, EmitError> {
    let document = json!({"plan": plan, "nixos": nixos_values(plan)?});
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

/// `nixos.json`, where NixOS has anything to be told.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    let values = nixos_values(plan)?;
    if values.as_object().is_none_or(Map::is_empty) {
        return Ok(Vec::new());
    }
    let mut text = serde_json::to_string_pretty(&values)?;
    text.push('\n');
    Ok(vec![Artefact {
        path: "nixos.json".into(),
        text,
    }])
}

/// Kernel settings and emulators.
fn boot_values(plan: &Plan) -> Option<Value> {
    let mut boot = Map::new();
    if !plan.density.sysctls.is_empty() {
        boot.insert("kernel".into(), json!({"sysctl": plan.density.sysctls}));
    }
    let emulated = &plan.images.emulated;
    if !emulated.is_empty() {
        let systems: Vec<&str> = emulated.iter().map(|p| p.nix_system()).collect();
        // Only an emulator that needs no libraries is opened at its registration, and so found from containers.
        let binfmt = json!({"emulatedSystems": systems, "preferStaticEmulators": true});
        boot.insert("binfmt".into(), binfmt);
    }
    (!boot.is_empty()).then(|| boot.into())
}

/// Timers whose start is spread, the unit that pulls images, and the slice of every user.
fn systemd_values(plan: &Plan) -> Result<Map<String, Value>, EmitError> {
    let mut systemd = Map::new();
    let timers: Map<String, Value> = runs(plan)
        .filter_map(|run| {
            let delay = run.spread?.seconds;
            let spread = json!({"FixedRandomDelay": true, "RandomizedDelaySec": delay});
            Some((
                format!("btrbk-{}", run.name),
                json!({"timerConfig": spread}),
            ))
        })
        .collect();
    if !timers.is_empty() {
        systemd.insert("timers".into(), timers.into());
    }
    if let Some(tasks) = plan.density.user_tasks_max {
        let slice = json!({"user-": {"sliceConfig": {"TasksMax": tasks}}});
        systemd.insert("slices".into(), slice);
    }
    let calls = prefetch::calls(plan)?;
    if !calls.is_empty() {
        let starts: Vec<String> = calls
            .iter()
            .map(|call| format!("/run/current-system/sw/bin/podman {}", call.join(" ")))
            .collect();
        let unit = json!({
            "description": prefetch::DESCRIPTION,
            "after": ["network-online.target"],
            "wants": ["network-online.target"],
            "unitConfig": {"RequiresMountsFor": [prefetch::STORE]},
            "serviceConfig": {"Type": "oneshot", "ExecStart": starts},
        });
        systemd.insert("services".into(), json!({"podman-btrfs-prefetch": unit}));
    }
    Ok(systemd)
}

fn jobs(plan: &Plan, tool: SnapshotTool) -> impl Iterator<Item = &Job> {
    let jobs = plan.protection.jobs.iter();
    jobs.filter(move |job| job.tool == tool)
}

fn btrbk_values(plan: &Plan) -> Result<Option<Value>, EmitError> {
    let mut instances = Map::new();
    for job in runs(plan) {
        let instance = json!({
            "onCalendar": job.schedule.on_calendar,
            "settings": settings(&btrbk::section(&job)?),
        });
        instances.insert(job.name.clone(), instance);
    }
    Ok((!instances.is_empty()).then(|| json!({"instances": instances})))
}

/// NixOS writes options before sections, and sections as `kind."name"`; its values are texts.
fn settings(section: &Section) -> Value {
    let mut values: Map<String, Value> = section
        .options
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone().into()))
        .collect();
    for (kind, name, inner) in &section.sections {
        let of_kind = values
            .entry((*kind).to_owned())
            .or_insert_with(|| Map::new().into());
        if let Value::Object(of_kind) = of_kind {
            of_kind.insert(name.clone(), settings(inner));
        }
    }
    values.into()
}

fn snapper_values(plan: &Plan) -> Result<Option<Value>, EmitError> {
    let mut configs = Map::new();
    for job in jobs(plan, SnapshotTool::Snapper) {
        for subvolume in &job.subvolumes {
            let keys: Map<String, Value> = snapper::keys(job, subvolume)?
                .into_iter()
                .filter_map(|(key, setting)| Some((key.to_owned(), value(setting)?)))
                .collect();
            configs.insert(subvolume.name.clone(), keys.into());
        }
    }
    // NixOS has one timer for all configurations: the most frequent of them sets it. A series that is
    // taken more often than it was planned to be is thinned to the same retention.
    let densest = jobs(plan, SnapshotTool::Snapper).min_by_key(|job| job.schedule.interval_seconds);
    Ok(densest.map(|job| {
        json!({
            "configs": configs,
            "snapshotInterval": job.schedule.on_calendar,
        })
    }))
}

fn value(setting: Setting) -> Option<Value> {
    match setting {
        Setting::Text(text) => Some(text.into()),
        Setting::Number(number) => Some(number.into()),
        Setting::Flag(flag) => Some(flag.into()),
        // Not said is none, too.
        Setting::NoNames => None,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::fixtures::{existing_device, hostile_names, raid1_luks_system, single_disk};

    fn at(plan: &Plan, pointer: &str) -> String {
        let values = nixos_values(plan).unwrap();
        let found = values
            .pointer(pointer)
            .unwrap_or_else(|| panic!("no {pointer} in {values:#}"));
        format!("{found:#}")
    }

    #[test]
    fn a_btrbk_job_is_an_instance_with_texts_and_sections_only() {
        expect![[r#"
            {
              "gold-tank": {
                "onCalendar": "*:0/15",
                "settings": {
                  "snapshot_dir": "/srv/tank/.snapshots",
                  "snapshot_preserve": "24h 14d 8w 12m 2y",
                  "snapshot_preserve_min": "2h",
                  "timestamp_format": "long-iso",
                  "volume": {
                    "/srv/tank": {
                      "subvolume": {
                        "shop": {}
                      },
                      "target": {
                        "ssh://nas/srv/backup": {
                          "ssh_user": "backup",
                          "target_preserve": "30d 24m",
                          "target_preserve_min": "latest"
                        }
                      }
                    }
                  }
                }
              }
            }"#]]
        .assert_eq(&at(&single_disk(), "/services/btrbk/instances"));
    }

    #[test]
    fn snappers_flags_and_numbers_keep_their_types() {
        let plan = existing_device();
        let key = |key: &str| at(&plan, &format!("/services/snapper/configs/shop/{key}"));
        assert_eq!(key("TIMELINE_CREATE"), "true");
        assert_eq!(key("TIMELINE_LIMIT_HOURLY"), "24");
        assert_eq!(key("SUBVOLUME"), "\"/srv/tank/shop\"");
    }

    #[test]
    fn snappers_one_timer_is_that_of_its_densest_job() {
        let mut plan = existing_device();
        let mut rare = plan.protection.jobs[0].clone();
        "rare".clone_into(&mut rare.subvolumes[0].name);
        rare.schedule.interval_seconds = u64::MAX;
        "yearly".clone_into(&mut rare.schedule.on_calendar);
        let frequent = plan.protection.jobs[0].schedule.on_calendar.clone();
        plan.protection.jobs.insert(0, rare);
        assert_eq!(
            at(&plan, "/services/snapper/snapshotInterval"),
            format!("\"{frequent}\"")
        );
    }

    #[test]
    fn disko_and_storage_conf_say_what_their_files_say() {
        let plan = single_disk();
        assert_eq!(
            at(&plan, "/disko/devices/disk/tank-1/device"),
            "\"/dev/disk/by-id/ata-one\""
        );
        assert_eq!(
            at(
                &plan,
                "/virtualisation/containers/storage/settings/storage/options/pull_options/enable_partial_images"
            ),
            "\"false\""
        );
    }

    #[test]
    fn no_value_is_null() {
        fn nulls(value: &Value) -> usize {
            match value {
                Value::Null => 1,
                Value::Array(items) => items.iter().map(nulls).sum(),
                Value::Object(entries) => entries.values().map(nulls).sum(),
                Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
            }
        }
        for plan in [
            single_disk(),
            raid1_luks_system(),
            existing_device(),
            hostile_names(),
        ] {
            assert_eq!(nulls(&nixos_values(&plan).unwrap()), 0);
        }
    }

    #[test]
    fn a_bundle_of_findings_sets_nothing() {
        let document: Value =
            serde_json::from_str(&bundle(&Plan::refused(Vec::new())).unwrap()).unwrap();
        assert_eq!(document["nixos"], json!({}));
        assert_eq!(document["plan"]["planVersion"], 1);
    }

    #[test]
    fn a_bundle_holds_the_plan_as_it_is() {
        let plan = single_disk();
        let document: Value = serde_json::from_str(&bundle(&plan).unwrap()).unwrap();
        let read: Plan = serde_json::from_value(document["plan"].clone()).unwrap();
        assert_eq!(read, plan);
    }
}
