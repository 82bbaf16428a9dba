use serde_json::{Value, json};

use crate::plan::{GroupPlan, Plan, Taker, build};
use crate::spec::input::parse_value;
use crate::spec::{DatabaseEngine, OnError};

fn planned(workloads: &Value) -> Plan {
    let spec = parse_value(&json!({
        "filesystems": {
            "fast": {"device": "/dev/disk/by-label/fast"},
            "tank": {"device": "/dev/disk/by-label/tank"},
        },
        "engine": {"filesystem": "tank"},
        "policies": {"gold": {}},
        "workloads": workloads,
    }))
    .unwrap();
    let plan = build(&spec);
    assert!(!plan.workloads.is_empty(), "{:#?}", plan.diagnostics);
    plan
}

fn group(plan: &Plan, copy: usize) -> GroupPlan {
    let mut workloads = plan.workloads.iter();
    let (_, workload) = workloads.find(|(name, _)| name.as_str() == "shop").unwrap();
    workload.instances[copy].protection.clone().unwrap()
}

/// A database, what asks it, and a sidecar that writes its backups, each with a path of its own.
fn shop(protection: &Value) -> Value {
    json!({
        "filesystem": "tank",
        "replicas": 2,
        "containers": {
            "a-db": {"image": "docker.io/library/postgres:17"},
            "backup": {"image": "docker.io/library/alpine:3"},
            "web": {"image": "docker.io/library/alpine:3"},
        },
        "volumes": {
            "pgdata": {"mounts": {"a-db": "/var/lib/postgresql/data", "backup": "/pg"}},
            "files": {"class": "documents", "filesystem": "fast", "mounts": {"a-db": "/files", "web": "/www"}, "readOnlyIn": ["a-db"]},
        },
        "protection": protection,
    })
}

#[test]
fn an_engine_is_where_its_image_is_and_comes_last() {
    let plan =
        planned(&json!({"shop": shop(&json!({"policy": "gold", "consistency": "application"}))}));
    for (copy, suffix) in [(0, ""), (1, "-2")] {
        let group = group(&plan, copy);
        let names: Vec<&str> = group
            .containers
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                format!("backup{suffix}"),
                format!("web{suffix}"),
                format!("a-db{suffix}")
            ]
        );
        let engine = group.containers[2].engine.clone().unwrap();
        assert_eq!(engine.name, DatabaseEngine::Postgresql);
        assert_eq!(engine.path.as_str(), "/var/lib/postgresql/data");
        assert!(
            group.containers[..2]
                .iter()
                .all(|one| one.engine.is_none() && one.writes)
        );
    }
}

#[test]
fn a_group_over_two_filesystems_is_taken_by_the_run_of_its_workloads_own() {
    let plan = planned(&json!({"shop": shop(&json!({"policy": "gold"}))}));
    let group = group(&plan, 0);
    assert_eq!(group.taken_by, Taker::PodmanBtrfs);
    assert_eq!(group.run.as_deref(), Some("gold-tank"));
    let members: Vec<String> = group
        .members
        .iter()
        .map(|one| one.host_path.to_string())
        .collect();
    assert_eq!(members, ["/srv/tank/shop", "/srv/fast/shop+files"]);
    // Paused, and not asked.
    assert!(
        group
            .containers
            .iter()
            .all(|one| one.engine.is_none() && one.hook.is_none())
    );
}

#[test]
fn a_hook_is_run_besides_the_supplied_one_or_in_its_place() {
    let hooks = |replaces: Option<bool>| {
        let hook =
            json!({"freeze": ["sync"], "onError": "fail", "timeout": "1min", "replaces": replaces});
        let hook: Value = match hook {
            Value::Object(fields) => fields
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .collect(),
            other @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)) => other,
        };
        json!({"policy": "gold", "consistency": "application", "hooks": {"a-db": hook}})
    };
    let of = |replaces| {
        let group = group(&planned(&json!({"shop": shop(&hooks(replaces))})), 1);
        let mut containers = group.containers.into_iter();
        containers
            .find(|one| one.name.as_str() == "a-db-2")
            .unwrap()
    };
    assert!(of(None).engine.is_some() && of(Some(false)).engine.is_some());
    assert!(of(Some(true)).engine.is_none());
    let hook = of(Some(true)).hook.unwrap();
    assert_eq!((hook.timeout_seconds, hook.on_error), (60, OnError::Fail));
    assert_eq!((hook.freeze, hook.thaw), (vec!["sync".to_owned()], vec![]));
}

#[test]
fn who_writes_from_another_workload_stands_still_too() {
    let mut one = shop(&json!({"policy": "gold"}));
    // What others use has one place.
    one["replicas"] = json!(1);
    let plan = planned(&json!({
        "shop": one,
        "importer": {
            "filesystem": "tank",
            "containers": {"importer": {"image": "docker.io/library/alpine:3"}, "reader": {"image": "docker.io/library/alpine:3"}},
            "uses": {"shop/files": {"mounts": {"importer": "/in"}, "access": "read-write"}, "shop/pgdata": {"mounts": {"reader": "/pg"}}},
        },
    }));
    let containers = group(&plan, 0).containers;
    let names: Vec<String> = containers
        .iter()
        .map(|one| format!("{}/{}", one.workload, one.name))
        .collect();
    assert_eq!(
        names,
        ["shop/a-db", "shop/backup", "importer/importer", "shop/web"]
    );
}

#[test]
fn what_is_dumped_of_each_copy_is_planned_with_its_engine_and_place() {
    let plan = planned(&json!({"shop": {
        "filesystem": "tank",
        "replicas": 2,
        "containers": {"my": {}, "pg": {"image": "docker.io/library/postgres:17"}},
        "volumes": {
            "pgdata": {"snapshot": false, "mounts": {"pg": "/var/lib/postgresql/data"}},
            "mysql": {"snapshot": false, "class": "database", "engine": "mariadb", "mounts": {"my": "/data"}},
            "dumps": {"class": "documents"},
        },
        "protection": {"policy": "gold", "dumps": {
            "pg": {"into": "dumps"},
            "my": {"into": "dumps", "timeout": "5min", "onError": "fail"},
        }},
    }}));
    for (copy, suffix, name) in [(0, "", "shop"), (1, "-2", "shop@2")] {
        let group = group(&plan, copy);
        assert_eq!(group.taken_by, Taker::PodmanBtrfs);
        let told = |number: usize| {
            let dump = &group.dumps[number];
            let said = (dump.container.to_string(), dump.engine);
            (said, dump.timeout_seconds, dump.on_error)
        };
        let (my, pg) = (format!("my{suffix}"), format!("pg{suffix}"));
        let (fails, goes_on) = (OnError::Fail, OnError::Continue);
        assert_eq!(told(0), ((my, DatabaseEngine::Mariadb), 300, fails));
        assert_eq!(told(1), ((pg, DatabaseEngine::Postgresql), 3600, goes_on));
        let place = format!("/srv/tank/{name}/dumps");
        assert!(
            group
                .dumps
                .iter()
                .all(|dump| dump.directory.as_str() == place)
        );
        // No member is their data.
        assert_eq!(group.members.len(), 1);
    }
}
