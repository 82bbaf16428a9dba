//! `report.md`: the plan for people.
//!
//! Findings first, then what there is, then why. Copies of a workload are folded into the first one:
//! two hundred equal lines tell nobody anything.

mod copies;
mod coverage;
mod decisions;
mod density;
mod findings;
mod images;
mod layout;
mod markdown;
mod protection;
mod simulated;
mod workloads;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::simulate::Simulation;

use self::copies::Copies;
use self::markdown::Document;
use crate::{Artefact, EmitError};

/// `report.md`.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    with(plan, None)
}

/// `report.md`, with the simulated year where there is one.
pub(crate) fn with(
    plan: &Plan,
    simulation: Option<&Simulation>,
) -> Result<Vec<Artefact>, EmitError> {
    let copies = Copies::of(plan);
    let mut document = Document::new("Storage plan");
    findings::write(&mut document, plan);
    layout::write(&mut document, plan, &copies);
    workloads::write(&mut document, plan)?;
    images::write(&mut document, plan);
    protection::write(&mut document, plan);
    coverage::write(&mut document, plan);
    if let Some(simulation) = simulation {
        simulated::write(&mut document, simulation);
    }
    density::write(&mut document, plan);
    decisions::write(&mut document, plan);
    Ok(vec![Artefact {
        path: "report.md".into(),
        text: document.finish(),
    }])
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use podman_btrfs_core::plan::SubvolumeRole;
    use podman_btrfs_core::spec::SnapshotTool;

    use crate::fixtures::{artefact, hostile_names, instance, job, parse, single_disk, subvolume};

    #[test]
    fn findings_come_first_and_reasons_last() {
        expect![[r#"
            # Storage plan

            ## Findings

            None.

            ## Filesystem tank

            - made by an installation on `/dev/disk/by-id/ata-one`
            - label `tank`
            - mounted as `/dev/disk/by-label/tank`
            - data single, metadata dup
            - medium ssd
            - options of the whole filesystem, the same on every mount: `compress=zstd:1`
            - no quotas

            ### Subvolumes

            ```text
            tank
              @podman     Podman's stores, at /var/lib/containers, root 0755
              @snapshots  snapshots, at /srv/tank/.snapshots, root 0755
              @volumes    volumes, at /srv/tank, root 0755
                shop      consistency group, at /srv/tank/shop, root 0755
            ```

            ### Mounts

            | Mount point | Subvolume | Options |
            | --- | --- | --- |
            | `/srv/tank/.snapshots` | `@snapshots` | `noatime,compress=zstd:1,subvol=@snapshots` |
            | `/srv/tank` | `@volumes` | `noatime,compress=zstd:1,subvol=@volumes` |
            | `/var/lib/containers` | `@podman` | `noatime,compress=zstd:1,subvol=@podman` |

            ## Podman's storage

            - driver `overlay`
            - the system's store: `/var/lib/containers/storage` in subvolume `@podman` of tank

            ## Workloads

            ### shop

            - a snapshot shows all volumes at one moment, as after a power cut
            - container shop-db of `docker.io/library/postgres:17`

            | Volume | Holds | Known | On the host | Is | Given | In snapshots |
            | --- | --- | --- | --- | --- | --- | --- |
            | pgdata | database (postgresql) |  | `/srv/tank/shop/pgdata` | a directory in `@volumes/shop` | nodatacow | yes |

            ## Snapshots

            ### gold-tank

            - btrbk, policy gold, filesystem tank
            - runs `*:0/15`, at most 15min apart
            - keeps on this host: all of 2 hours, hourly for 24 hours, daily for 14 days, weekly for 8 weeks, monthly for 12 months, yearly for 2 years
            - copies to nas (`ssh://backup@nas/srv/backup`), which keeps: daily for 30 days, monthly for 24 months
            - takes `@volumes/shop` (shop)

            ## Not protected

            - **shop/cache**: its class is `cache`: it can be fetched again

            ## Numbers

            | What | Of | Demand | At most | Counted |
            | --- | --- | --- | --- | --- |
            | keys | user alice | 600 | 2048 | 15 keys a container, which is assumed |

            Settings:

            - `kernel.keys.maxkeys = 2048`
            - `TasksMax=65536` in every user's slice

            ## Decisions

            `podman-btrfs explain CODE` prints a rule's page.

            ### shop/pgdata

            - `copyOnWrite` is `false`, said by `workloads.shop.volumes.pgdata.copyOnWrite`
              - PB402 would choose `true`: PostgreSQL checks its own pages
              - evidence: class `database`
              - would change with: a snapshot more often than once a day
        "#]].assert_eq(&artefact(&single_disk(), "report.md"));
    }

    #[test]
    fn texts_of_the_configuration_stay_texts() {
        expect![[r##"
            # Storage plan

            ## Findings

            - **warning PB101** at ``workloads."a`b\n"``: `${x}` is a\_b\_c
              write \<it\>

            ## Filesystem 9999999999999999999999999999999999999999999999999999999999999999

            - made by an installation on `/dev/disk/by-id/a:b@c=d,e+f`, `/dev/disk/by-id/-`
            - label `9999999999999999999999999999999999999999999999999999999999999999`
            - mounted as `/dev/disk/by-label/tank`
            - data single, metadata dup
            - medium ssd
            - options of the whole filesystem, the same on every mount: `compress=zstd:1`
            - no quotas

            ### Subvolumes

            ```text
            9999999999999999999999999999999999999999999999999999999999999999
              @podman     Podman's stores, at /var/lib/containers, root 0755
              @snapshots  snapshots, at /in/with@=,+x/.snapshots, root 0755
              @volumes    volumes, at /in/with@=,+x, root 0755
                shop      consistency group, at /in/with@=,+x/shop, root 0755
                no        consistency group, at /in/with@=,+x/no, root 0755
            ```

            ### Mounts

            | Mount point | Subvolume | Options |
            | --- | --- | --- |
            | `/in/with@=,+x/.snapshots` | `@snapshots` | `noatime,compress=zstd:1,subvol=@snapshots` |
            | `/in/with@=,+x` | `@volumes` | `noatime,compress=zstd:1,subvol=@volumes` |
            | `/var/lib/containers` | `@podman` | `noatime,compress=zstd:1,subvol=@podman` |

            ## Podman's storage

            - driver `overlay`
            - the system's store: `/var/lib/containers/storage` in subvolume `@podman` of tank

            ## Workloads

            ### no

            - rootless, of user \_-
            - renamed from rec\_with\_in

            | Volume | Holds | Known | On the host | Is | Given | In snapshots |
            | --- | --- | --- | --- | --- | --- | --- |
            | a\_b\_c | database (postgresql) |  | `/in/with@=,+x/no/a_b_c` | a directory in `@volumes/no` | nodatacow, not compressed | yes |

            ## Snapshots

            ### gold-tank

            - btrbk, policy gold, filesystem tank
            - runs `*:0/15`, at most 15min apart
            - keeps on this host: all of 2 hours, hourly for 24 hours, daily for 14 days, weekly for 8 weeks, monthly for 12 months, yearly for 2 years
            - copies to nas (`ssh://backup@nas/srv/backup`), which keeps: daily for 30 days, monthly for 24 months
            - takes `@volumes/no` (no)

            ## Not protected

            - **shop/cache**: its class is `cache`: it can be fetched again

            ## Numbers

            | What | Of | Demand | At most | Counted |
            | --- | --- | --- | --- | --- |
            | keys | user alice | 600 | 2048 | 15 keys a container, which is assumed |

            Settings:

            - `kernel.keys.maxkeys = 2048`
            - `TasksMax=65536` in every user's slice

            ## Decisions

            `podman-btrfs explain CODE` prints a rule's page.

            ### shop/pgdata

            - `copyOnWrite` is `false`, said by `workloads.shop.volumes.pgdata.copyOnWrite`
              - PB402 would choose `true`: volumes."a\|b" \*is\* \<b\>not\</b\> `a_b` \[x\]\(y\) \_z\_\\n\# heading
              - evidence: class `database`
              - would change with: a snapshot more often than once a day
        "##]].assert_eq(&artefact(&hostile_names(), "report.md"));
    }

    #[test]
    fn two_hundred_copies_are_shown_as_one() {
        let mut plan = single_disk();
        let mut btrbk = job(SnapshotTool::Btrbk);
        let shop = plan.workloads.get_mut(&parse("shop")).unwrap();
        let tank = plan.filesystems.get_mut(&parse("tank")).unwrap();
        for number in 2..=200 {
            let name = format!("shop@{number}");
            let (path, host_path) = (format!("@volumes/{name}"), format!("/srv/tank/{name}"));
            shop.instances.push(instance(&name));
            tank.subvolumes
                .push(subvolume(&path, &host_path, SubvolumeRole::Group));
            let inner = (
                format!("{path}/.snapshots"),
                format!("{host_path}/.snapshots"),
            );
            tank.subvolumes.push(subvolume(
                &inner.0,
                &inner.1,
                SubvolumeRole::SnapperSnapshots,
            ));
            let mut taken = btrbk.subvolumes[0].clone();
            taken.path = parse(&path);
            btrbk.subvolumes.push(taken);
        }
        plan.protection.jobs = vec![btrbk];
        let report = artefact(&plan, "report.md");
        assert!(
            report.contains("consistency group, at /srv/tank/shop, root 0755, and 199 more copies"),
            "{report}"
        );
        assert!(report.contains("200 copies, shop to shop@200"), "{report}");
        assert!(
            report.contains("`@volumes/shop` and 199 more (shop)"),
            "{report}"
        );
        assert!(!report.contains("shop@2/"), "{report}");
        assert!(!report.contains("shop@3"), "{report}");
    }
}
