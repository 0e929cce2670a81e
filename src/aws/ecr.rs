//! ECR: the registry's login token, and whether an image is there.

use aws_config::Region;
use aws_sdk_ecr::types::ImageIdentifier;
use aws_smithy_types::base64;

use super::Aws;
use crate::config::{Ecr, Image};
use crate::error::{Error, Kind, Result};

/// A registry's password. It has no `Debug`, so that no message can hold it.
pub(crate) struct Password(String);

impl Password {
    /// The secret itself, for the one program that needs it.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Aws {
    /// The client for a registry's region, which may be another one than the service's.
    fn ecr_in(&self, region: &str) -> aws_sdk_ecr::Client {
        if region == self.region() {
            return self.ecr().clone();
        }
        let config = aws_sdk_ecr::config::Builder::from(self.config()).region(Region::new(region.to_owned())).build();
        aws_sdk_ecr::Client::from_conf(config)
    }

    /// The password for `docker login`. It is the caller's, and opens every registry of the region that lets the caller
    /// in, of other accounts too.
    pub(crate) async fn registry_password(&self, region: &str) -> Result<Password> {
        let call = self.ecr_in(region).get_authorization_token().send();
        let reply = self.read("GetAuthorizationToken", call).await?;
        let token = reply.authorization_data().first().and_then(|data| data.authorization_token());
        token
            .and_then(|token| String::from_utf8(base64::decode(token).ok()?).ok())
            .and_then(|pair| pair.split_once(':').map(|(_, password)| Password(password.to_owned())))
            .ok_or_else(|| {
                Error::new(
                    Kind::Unavailable,
                    "bad-reply",
                    "GetAuthorizationToken: the reply holds no token that can be read",
                )
                .hint("check `endpointUrl` and HTTPS_PROXY; then run the same action again")
            })
    }

    /// The digest of an image; `None`: its repository does not have it.
    pub(crate) async fn image_digest(&self, registry: &Ecr, image: &Image) -> Result<Option<String>> {
        let id =
            ImageIdentifier::builder().set_image_tag(image.tag.clone()).set_image_digest(image.digest.clone()).build();
        let call = self
            .ecr_in(&registry.region)
            .describe_images()
            .registry_id(&registry.account)
            .repository_name(&image.repository)
            .image_ids(id)
            .send();
        match self.read("DescribeImages", call).await {
            Ok(reply) => Ok(reply.image_details().first().and_then(|found| found.image_digest.clone())),
            Err(error) if error.code == "image-not-found" => Ok(None),
            Err(error) if error.code == "repository-not-found" => {
                Err(error.hint("check the repository, `region` and the account; this tool creates no repositories"))
            }
            Err(error) => Err(error),
        }
    }
}
