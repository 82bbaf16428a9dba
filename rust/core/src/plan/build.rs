//! Facts and decisions to a plan.
use super::Plan;
use crate::spec::Spec;

/// Builds the plan of a declaration.
#[must_use]
pub fn build(_spec: &Spec) -> Plan {
    Plan::refused(Vec::new())
}
