//! The words that may stand where the API has a list of them. The lists are the SDK's own, so each update of it brings
//! the newer words; a test holds that no list of these requests is missing here.

use aws_sdk_ecs::types as sdk;

/// The words of one list.
pub(super) type Known = &'static [&'static str];

/// What may stand in a member of a structure, by the member's id (`com.amazonaws.ecs#Scale$unit`), or in each item of
/// it, where it is a list; `None` where the API does not say.
pub(super) fn known(member: &str) -> Option<Known> {
    let (_, name) = member.rsplit_once('#')?;
    Some(match name {
        "AwsVpcConfiguration$assignPublicIp" => sdk::AssignPublicIp::values(),
        "ContainerDefinition$versionConsistency" => sdk::VersionConsistency::values(),
        "ContainerDependency$condition" => sdk::ContainerCondition::values(),
        "CreateTaskSetInput$launchType" => sdk::LaunchType::values(),
        "Device$permissions" => sdk::DeviceCgroupPermission::values(),
        "DockerVolumeConfiguration$scope" => sdk::Scope::values(),
        "EFSAuthorizationConfig$iam" => sdk::EfsAuthorizationConfigIam::values(),
        "EFSVolumeConfiguration$transitEncryption" => sdk::EfsTransitEncryption::values(),
        "EnvironmentFile$type" => sdk::EnvironmentFileType::values(),
        "FirelensConfiguration$type" => sdk::FirelensConfigurationType::values(),
        "LogConfiguration$logDriver" => sdk::LogDriver::values(),
        "PortMapping$appProtocol" => sdk::ApplicationProtocol::values(),
        "ProxyConfiguration$type" => sdk::ProxyConfigurationType::values(),
        "RegisterTaskDefinitionInput$ipcMode" => sdk::IpcMode::values(),
        "RegisterTaskDefinitionInput$networkMode" => sdk::NetworkMode::values(),
        "RegisterTaskDefinitionInput$pidMode" => sdk::PidMode::values(),
        "RegisterTaskDefinitionInput$requiresCompatibilities" => sdk::Compatibility::values(),
        "ResourceRequirement$type" => sdk::ResourceType::values(),
        "RuntimePlatform$cpuArchitecture" => sdk::CpuArchitecture::values(),
        "RuntimePlatform$operatingSystemFamily" => sdk::OsFamily::values(),
        "Scale$unit" => sdk::ScaleUnit::values(),
        "TaskDefinitionPlacementConstraint$type" => sdk::TaskDefinitionPlacementConstraintType::values(),
        "Ulimit$name" => sdk::UlimitName::values(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_sdk_ecs::operation::create_task_set::CreateTaskSetInput;
    use aws_sdk_ecs::operation::register_task_definition::RegisterTaskDefinitionInput;
    use aws_smithy_schema::Schema;
    use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
    use aws_smithy_types::{BigDecimal, BigInteger, Blob, DateTime, Document};

    use super::known;

    /// Members of such a kind that are no list here: "Amazon ECS treats any other specified value as tcp", says the
    /// model of the protocol, so `TCP` is not refused.
    const AS_THEY_ARE: [&str; 1] = ["com.amazonaws.ecs#PortMapping$protocol"];

    /// A request that has everything once; each text in it is the id of its member.
    struct Everything(String);

    impl ShapeDeserializer for Everything {
        fn read_struct(
            &mut self,
            schema: &Schema<'_>,
            state: &mut dyn FnMut(&Schema<'_>, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
        ) -> Result<(), SerdeError> {
            schema
                .members()
                .iter()
                .try_for_each(|member| state(member, &mut Self(member.shape_id().as_str().to_owned())))
        }

        fn read_list(
            &mut self,
            _: &Schema<'_>,
            state: &mut dyn FnMut(&mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
        ) -> Result<(), SerdeError> {
            state(self)
        }

        fn read_map(
            &mut self,
            _: &Schema<'_>,
            state: &mut dyn FnMut(String, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
        ) -> Result<(), SerdeError> {
            state("key".into(), self)
        }

        fn read_boolean(&mut self, _: &Schema<'_>) -> Result<bool, SerdeError> {
            Ok(true)
        }

        fn read_byte(&mut self, _: &Schema<'_>) -> Result<i8, SerdeError> {
            Ok(1)
        }

        fn read_short(&mut self, _: &Schema<'_>) -> Result<i16, SerdeError> {
            Ok(1)
        }

        fn read_integer(&mut self, _: &Schema<'_>) -> Result<i32, SerdeError> {
            Ok(1)
        }

        fn read_long(&mut self, _: &Schema<'_>) -> Result<i64, SerdeError> {
            Ok(1)
        }

        fn read_float(&mut self, _: &Schema<'_>) -> Result<f32, SerdeError> {
            Ok(1.0)
        }

        fn read_double(&mut self, _: &Schema<'_>) -> Result<f64, SerdeError> {
            Ok(1.0)
        }

        fn read_string(&mut self, _: &Schema<'_>) -> Result<String, SerdeError> {
            Ok(self.0.clone())
        }

        fn read_big_integer(&mut self, _: &Schema<'_>) -> Result<BigInteger, SerdeError> {
            Err(SerdeError::unsupported("big integers"))
        }

        fn read_big_decimal(&mut self, _: &Schema<'_>) -> Result<BigDecimal, SerdeError> {
            Err(SerdeError::unsupported("big decimals"))
        }

        fn read_blob(&mut self, _: &Schema<'_>) -> Result<Blob, SerdeError> {
            Err(SerdeError::unsupported("blobs"))
        }

        fn read_timestamp(&mut self, _: &Schema<'_>) -> Result<DateTime, SerdeError> {
            Err(SerdeError::unsupported("timestamps"))
        }

        fn read_document(&mut self, _: &Schema<'_>) -> Result<Document, SerdeError> {
            Err(SerdeError::unsupported("documents"))
        }

        fn is_null(&self) -> bool {
            false
        }

        fn skip_value(&mut self) -> Result<(), SerdeError> {
            Ok(())
        }

        fn container_size(&self) -> Option<usize> {
            None
        }
    }

    /// The members that the SDK reads as one of a list of words: an id is none of them, so it is unknown to it.
    fn members_with_words() -> BTreeSet<String> {
        let everything = || Everything(String::new());
        let definition = RegisterTaskDefinitionInput::deserialize(&mut everything()).unwrap();
        let task_set = CreateTaskSetInput::deserialize(&mut everything()).unwrap();
        let shown = format!("{definition:?} {task_set:?}");
        let unknown = shown.split("UnknownVariantValue(\"").skip(1);
        unknown.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    }

    #[test]
    fn every_list_of_words_that_the_sdk_knows_in_a_request_is_here() {
        let members = members_with_words();
        let missing: Vec<&String> = members
            .iter()
            .filter(|member| known(member).is_none() && !AS_THEY_ARE.contains(&member.as_str()))
            .collect();
        assert_eq!(missing, Vec::<&String>::new(), "add them to `known`");
        let found = members.iter().filter(|member| known(member).is_some()).count();
        assert_eq!(found, 23, "`known` has a list that no request has: {members:#?}");
    }
}
