//! What preflight reads for a canary and its gates: alarms, and the last hour's requests.

use std::time::{Duration, SystemTime};

use crate::aws::cloudwatch::{Span, balancer_dimension, group_dimension};
use crate::context::Context;
use crate::error::Result;
use crate::observe::details::Reads;
use crate::plan::preflight::{Traffic, Watch};

/// What is taken for what will come.
const LOOKED_BACK: Duration = Duration::from_hours(1);

/// Both at once; nothing where there are no gates.
pub(super) async fn read(cx: &Context, reads: &Reads, traffic: Option<&Traffic>) -> Result<Watch> {
    let gates = &cx.settings.gates;
    let alarms = async {
        match gates.alarms.as_slice() {
            [] => Ok(None),
            names => reads.keep(cx.aws.alarms(names).await),
        }
    };
    let requests = async {
        match traffic {
            Some(traffic) if gates.reads_metrics() => reads.keep(requests(cx, traffic).await),
            Some(_) | None => Ok(None),
        }
    };
    let (alarms, requests) = tokio::try_join!(alarms, requests)?;
    Ok(Watch { alarms, requests })
}

/// Of both groups: which of them was live in that hour does not matter.
async fn requests(cx: &Context, traffic: &Traffic) -> Result<f64> {
    let Some(listener) = traffic.live.first() else { return Ok(0.0) };
    let balancer = balancer_dimension(&listener.arn)?;
    let groups = [&traffic.groups.blue, &traffic.groups.green].map(|arn| group_dimension(arn));
    let now = SystemTime::now();
    let span = Span { from: now - LOOKED_BACK, to: now, period: cx.settings.gates.period };
    let metrics = cx.aws.metrics(&balancer, &groups, None, span).await?;
    // the sum of none is -0
    Ok(metrics.groups.iter().flat_map(|readings| readings.values()).map(|side| side.requests).sum::<f64>() + 0.0)
}
