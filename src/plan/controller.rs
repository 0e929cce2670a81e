//! Whether a service may be touched at all.

use crate::error::{Error, Result};
use crate::model::Service;

/// AWS lets the controller be changed while a pipeline runs, so this is looked at every time.
pub(crate) fn check(service: &Service) -> Result<()> {
    if service.controller != "EXTERNAL" {
        return Err(Error::refused(
            "not-external",
            format!("the service {} has the deployment controller {}, not EXTERNAL", service.name, service.controller),
        )
        .hint("task sets exist only under the EXTERNAL controller; the README says how a service is set up"));
    }
    if service.status != "ACTIVE" {
        return Err(Error::refused("not-active", format!("the service {} is {}", service.name, service.status))
            .hint("only an ACTIVE service can be deployed to"));
    }
    Ok(())
}
