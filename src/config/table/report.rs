//! The report of a deployment that is over.

use super::{Given, Group, Kind, Section, parameter};

pub(crate) const REPORT: Group = Group {
    section: Section::Report,
    given: Given::Flag,
    parameters: &[
        parameter(
            "report",
            Kind::Path,
            "Archived report of a deployment, a JSON file; what is made of it is written beside it",
        )
        .required(),
        parameter(
            "seen",
            Kind::Path,
            "What a load generator counted meanwhile, a JSON file as resources/seen.schema.json says: drawn as what users saw",
        ),
    ],
};
