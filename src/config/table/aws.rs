//! How to reach AWS, and as whom.

use crate::rules::Format;

use super::{Given, Group, Kind, Section, parameter};

pub(crate) const CONNECTION: Group = Group {
    section: Section::Aws,
    given: Given::Flag,
    parameters: &[
        parameter("region", Kind::Region, "AWS region, as eu-west-1; never guessed")
            .otherwise("AWS_REGION, AWS_DEFAULT_REGION, the profile's"),
        parameter(
            "profile",
            Kind::Text,
            "Profile of the AWS configuration files; where given, the only source of credentials",
        )
        .unit("NAME")
        .otherwise("AWS_PROFILE"),
        parameter("roleArn", Kind::Role, "Role to assume with the credentials found, also of another account"),
        parameter("roleExternalId", Kind::Format(Format::ExternalId), "External id for assuming the role").unit("ID"),
        parameter(
            "roleSessionName",
            Kind::Format(Format::SessionName),
            "Session name for assuming the role, as CloudTrail shows it",
        )
        .unit("NAME")
        .otherwise("ecs-bg"),
        parameter("endpointUrl", Kind::Url, "Endpoint of all AWS services, for tests")
            .otherwise("AWS_ENDPOINT_URL, else AWS's own"),
        parameter("accountId", Kind::Account, "Account, 12 digits, that this must run in")
            .otherwise("that of the ARNs"),
        parameter(
            "maxAttempts",
            Kind::Integer(1, 20),
            "Attempts of one call to AWS; those that AWS throttles are not counted",
        )
        .default("8"),
        parameter("attemptTimeout", Kind::Duration(100), "Longest time for one attempt").default("10s"),
        parameter(
            "operationTimeout",
            Kind::Duration(100),
            "Longest time for one call with all its attempts, throttled ones too",
        )
        .default("5m"),
    ],
};
