//! `SQLite`: `PRAGMA integrity_check` of each database.

use super::{
    CHECK, ContainerName, Drill, Fault, Kind, Making, Podman, Read, Scene, VolumeName,
    is_no_program, once, said, shortened,
};

/// Each database in a program of the image, without the application.
pub(super) fn check(
    scene: &Scene<'_, '_>,
    podman: &Podman<'_>,
    making: &Making,
    (name, volumes): (&ContainerName, &[&VolumeName]),
    read: &[Read<'_>],
    drill: &mut Drill,
) {
    let planned = scene.instance.containers.get(name);
    let mut sound = 0;
    for (volume, databases) in read.iter().filter(|(one, _)| volumes.contains(&one.name)) {
        let of_it = volume.name.as_str();
        let Some(inside) = planned.and_then(|planned| planned.mounts.get(volume.name)) else {
            continue;
        };
        if databases.is_empty() {
            drill.notes.push(format!(
                "{of_it} holds no file that says that it is a database of SQLite"
            ));
        }
        for database in databases {
            let Some(path) = database.to_str() else {
                drill.notes.push(format!(
                    "{of_it}: {} has a name that cannot be asked for",
                    database.display()
                ));
                continue;
            };
            let file = format!("{inside}/{path}");
            let arguments = ["-batch", file.as_str(), "PRAGMA integrity_check;"];
            let shown = path.escape_debug();
            match once(podman, &scene.id, making, ("sqlite3", &arguments), CHECK) {
                Ok(printed) if printed.stdout.trim() == "ok" => sound += 1,
                Ok(printed) => drill.found(
                    Kind::Engine,
                    Some(of_it),
                    format!("sqlite3 finds in {shown}: {}", shortened(&printed.stdout)),
                ),
                Err(fault) if is_no_program(&fault, "sqlite3") => {
                    drill.notes.push(format!("the image of {name} has no sqlite3: its databases were read, and not asked to examine themselves"));
                    return;
                }
                Err(
                    fault @ Fault::Program {
                        status: 125..=127, ..
                    },
                ) => {
                    drill.found(
                        Kind::NotChecked,
                        Some(of_it),
                        format!(
                            "a throw-away container like {name} cannot be started: {}",
                            said(&fault)
                        ),
                    );
                    return;
                }
                Err(fault) => drill.found(
                    Kind::Engine,
                    Some(of_it),
                    format!("sqlite3 cannot read {shown}: {}", said(&fault)),
                ),
            }
        }
    }
    if sound > 0 {
        drill.proofs.push(format!(
            "sqlite in {name}: {sound} databases, in which `PRAGMA integrity_check` finds nothing"
        ));
    }
}
