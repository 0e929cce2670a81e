//! CloudWatch: what a service's target groups served, and alarms.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_sdk_cloudwatch::types as sdk;
use aws_smithy_types::DateTime;

use super::Aws;
use crate::error::{Error, Result};
use crate::model::cloudwatch::{Alarm, AlarmState, Metrics, Readings};

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html>
const NAMESPACE: &str = "AWS/ApplicationELB";

/// What is added up of a target group. Its own 5xx, and connections that failed or were reset, for which the load balancer
/// answers and which it counts as its own 5xx, of no group.
const SUMS: [(&str, &str); 3] =
    [("requests", "RequestCount"), ("errors", "HTTPCode_Target_5XX_Count"), ("resets", "TargetConnectionErrorCount")];

/// The time that readings are of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: SystemTime,
    /// Not included.
    pub(crate) to: SystemTime,
    pub(crate) period: Duration,
}

impl Aws {
    /// What target groups served, reading by reading. One call, but for many pages.
    pub(crate) async fn metrics(
        &self,
        balancer: &str,
        groups: &[&str],
        stat: Option<&str>,
        span: Span,
    ) -> Result<Metrics> {
        let queries =
            groups.iter().enumerate().flat_map(|(at, group)| queries_of(at, balancer, group, stat, span.period));
        let balancer_errors =
            query("balancer", "HTTPCode_ELB_5XX_Count", "Sum", &[("LoadBalancer", balancer)], span.period);
        let call = self
            .cloudwatch()
            .get_metric_data()
            .set_metric_data_queries(Some(queries.chain([balancer_errors]).collect()))
            .start_time(DateTime::from(span.from))
            .end_time(DateTime::from(span.to))
            .scan_by(sdk::ScanBy::TimestampAscending);
        let mut pages = call.into_paginator().send();
        let mut read = Read { series: BTreeMap::new(), gaps: BTreeMap::new() };
        while let Some(page) = self.read("GetMetricData", async { pages.next().await.transpose() }).await? {
            page.metric_data_results.unwrap_or_default().into_iter().for_each(|result| read.add(result));
        }
        Ok(read.metrics(groups.len()))
    }

    /// The alarms of these names, of all three kinds. Who does not exist is left out by AWS, without a word.
    pub(crate) async fn alarms(&self, names: &[String]) -> Result<Vec<Alarm>> {
        let call = self
            .cloudwatch()
            .describe_alarms()
            .set_alarm_names(Some(names.to_vec()))
            // Without types AWS tells of metric alarms alone.
            .alarm_types(sdk::AlarmType::MetricAlarm)
            .alarm_types(sdk::AlarmType::CompositeAlarm)
            .alarm_types(sdk::AlarmType::LogAlarm)
            .max_records(100);
        let mut pages = call.into_paginator().send();
        let mut alarms = Vec::new();
        while let Some(page) = self.read("DescribeAlarms", async { pages.next().await.transpose() }).await? {
            alarms.extend(page.metric_alarms.unwrap_or_default().into_iter().map(metric_alarm));
            alarms.extend(page.composite_alarms.unwrap_or_default().into_iter().map(composite_alarm));
            alarms.extend(page.log_alarms.unwrap_or_default().into_iter().map(log_alarm));
        }
        Ok(alarms)
    }

    /// The states that an alarm has left since a time, the oldest first.
    pub(crate) async fn alarm_history(&self, name: &str, since: SystemTime) -> Result<Vec<AlarmState>> {
        let call = self
            .cloudwatch()
            .describe_alarm_history()
            .alarm_name(name)
            // Without types AWS tells of metric alarms alone, as above.
            .alarm_types(sdk::AlarmType::MetricAlarm)
            .alarm_types(sdk::AlarmType::CompositeAlarm)
            .alarm_types(sdk::AlarmType::LogAlarm)
            .history_item_type(sdk::HistoryItemType::StateUpdate)
            .start_date(DateTime::from(since))
            .scan_by(sdk::ScanBy::TimestampAscending);
        let mut pages = call.into_paginator().send();
        let mut left = Vec::new();
        while let Some(page) = self.read("DescribeAlarmHistory", async { pages.next().await.transpose() }).await? {
            let items = page.alarm_history_items.unwrap_or_default();
            left.extend(items.iter().filter_map(|item| state_that_was_left(item.history_data()?)));
        }
        Ok(left)
    }
}

/// Out of an item of the history: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html>
fn state_that_was_left(data: &str) -> Option<AlarmState> {
    let data: serde_json::Value = serde_json::from_str(data).ok()?;
    let state = data["oldState"]["stateValue"].as_str()?;
    Some(state_of(Some(&sdk::StateValue::from(state))))
}

/// A target group's queries; their ids are told apart by its place.
fn queries_of(
    at: usize,
    balancer: &str,
    group: &str,
    stat: Option<&str>,
    period: Duration,
) -> Vec<sdk::MetricDataQuery> {
    let dimensions = [("LoadBalancer", balancer), ("TargetGroup", group)];
    let sums = SUMS.iter().map(|(id, metric)| query(&format!("{id}{at}"), metric, "Sum", &dimensions, period));
    let latency = stat.map(|stat| query(&format!("latency{at}"), "TargetResponseTime", stat, &dimensions, period));
    sums.chain(latency).collect()
}

fn query(id: &str, metric: &str, stat: &str, dimensions: &[(&str, &str)], period: Duration) -> sdk::MetricDataQuery {
    let dimensions = dimensions.iter().map(|(name, value)| sdk::Dimension::builder().name(*name).value(*value).build());
    let metric = sdk::Metric::builder()
        .namespace(NAMESPACE)
        .metric_name(metric)
        .set_dimensions(Some(dimensions.collect()))
        .build();
    let stat = sdk::MetricStat::builder()
        .metric(metric)
        .period(i32::try_from(period.as_secs()).unwrap_or(60))
        .stat(stat)
        .build();
    sdk::MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

/// What pages came to.
struct Read {
    series: BTreeMap<String, BTreeMap<SystemTime, f64>>,
    /// By query: why its values are not all there. A later page may bring the rest.
    gaps: BTreeMap<String, String>,
}

impl Read {
    fn add(&mut self, result: sdk::MetricDataResult) {
        let id = result.id.unwrap_or_default();
        let times = result.timestamps.unwrap_or_default();
        let values = result.values.unwrap_or_default();
        let series = self.series.entry(id.clone()).or_default();
        series.extend(times.into_iter().filter_map(|at| SystemTime::try_from(at).ok()).zip(values));
        match result.status_code {
            Some(sdk::StatusCode::Complete) | None => self.gaps.remove(&id),
            Some(code) => self.gaps.insert(id, code.as_str().to_owned()),
        };
    }

    fn metrics(mut self, groups: usize) -> Metrics {
        let mut of = |id: String| self.series.remove(&id).unwrap_or_default();
        let groups = (0..groups)
            .map(|at| {
                let mut readings = Readings::new();
                for (when, requests) in of(format!("requests{at}")) {
                    readings.entry(when).or_default().requests = requests;
                }
                for (when, errors) in of(format!("errors{at}")).into_iter().chain(of(format!("resets{at}"))) {
                    readings.entry(when).or_default().errors += errors;
                }
                for (when, seconds) in of(format!("latency{at}")) {
                    readings.entry(when).or_default().latency = Duration::try_from_secs_f64(seconds).ok();
                }
                readings
            })
            .collect();
        // The sum of nothing is a negative zero, which nobody has ever seen.
        let balancer_errors = of("balancer".to_owned()).into_values().sum::<f64>() + 0.0;
        let gaps = self.gaps.iter().next().map(|(id, code)| format!("CloudWatch answers {code} to {id}"));
        Metrics { groups, balancer_errors, gaps }
    }
}

fn time(at: Option<DateTime>) -> Option<SystemTime> {
    at.and_then(|at| SystemTime::try_from(at).ok())
}

/// What alarms of all kinds have. One macro, as their types have no trait in common.
macro_rules! shared {
    ($found:ident) => {
        Alarm {
            name: $found.alarm_name.unwrap_or_default(),
            state: state_of($found.state_value.as_ref()),
            transitioned: time($found.state_transitioned_timestamp),
            updated: time($found.state_updated_timestamp),
            left: None,
            evaluation: None,
            reason: $found.state_reason.unwrap_or_default(),
            groups: Vec::new(),
            window: None,
        }
    };
}

fn metric_alarm(found: sdk::MetricAlarm) -> Alarm {
    let in_math = found.metrics().iter().filter_map(sdk::MetricDataQuery::metric_stat);
    let dimensions = in_math.clone().filter_map(sdk::MetricStat::metric).flat_map(sdk::Metric::dimensions);
    let groups: Vec<String> = found
        .dimensions()
        .iter()
        .chain(dimensions)
        .filter(|dimension| dimension.name() == Some("TargetGroup"))
        .filter_map(|dimension| dimension.value().map(str::to_owned))
        .collect();
    let period = found.period().or_else(|| in_math.filter_map(sdk::MetricStat::period).max());
    let seconds = period.zip(found.evaluation_periods()).map(|(period, count)| i64::from(period) * i64::from(count));
    let window = seconds.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
    let evaluation = found.evaluation_state.as_ref().map(|state| state.as_str().to_owned());
    Alarm { evaluation, groups, window, ..shared!(found) }
}

fn composite_alarm(found: sdk::CompositeAlarm) -> Alarm {
    shared!(found)
}

fn log_alarm(found: sdk::LogAlarm) -> Alarm {
    let evaluation = found.evaluation_state.as_ref().map(|state| state.as_str().to_owned());
    Alarm { evaluation, ..shared!(found) }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "AWS's enum grows; a state that is not known says nothing")]
fn state_of(state: Option<&sdk::StateValue>) -> AlarmState {
    match state {
        Some(sdk::StateValue::Ok) => AlarmState::Ok,
        Some(sdk::StateValue::Alarm) => AlarmState::Alarm,
        _ => AlarmState::InsufficientData,
    }
}

/// The dimension that names a listener's load balancer: `app/web/0123456789abcdef`.
pub(crate) fn balancer_dimension(listener_or_rule: &str) -> Result<String> {
    let resource = listener_or_rule.splitn(6, ':').nth(5).unwrap_or_default();
    let parts: Vec<&str> = resource.split('/').skip(1).take(3).collect();
    match parts.as_slice() {
        [_, _, _] => Ok(parts.join("/")),
        _ => Err(Error::unexpected("malformed-arn", format!("{listener_or_rule} names no load balancer"))),
    }
}

/// The dimension that names a target group: `targetgroup/web-blue/0123456789abcdef`.
pub(crate) fn group_dimension(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_follow_from_arns() {
        let elb = "arn:aws:elasticloadbalancing:eu-west-1:111122223333";
        for arn in ["listener/app/web/23456789abcdef01/3", "listener-rule/app/web/23456789abcdef01/3/4"] {
            assert_eq!(balancer_dimension(&format!("{elb}:{arn}")).unwrap(), "app/web/23456789abcdef01");
        }
        assert!(balancer_dimension("nonsense").is_err());
        assert_eq!(group_dimension(&format!("{elb}:targetgroup/web-blue/01")), "targetgroup/web-blue/01");
    }

    fn result(id: &str, at: u64, value: f64, code: sdk::StatusCode) -> sdk::MetricDataResult {
        let at = DateTime::from(SystemTime::UNIX_EPOCH + Duration::from_secs(at));
        sdk::MetricDataResult::builder().id(id).timestamps(at).values(value).status_code(code).build()
    }

    #[test]
    fn a_reading_is_put_together_from_its_metrics_and_what_stayed_partial_is_said() {
        let mut read = Read { series: BTreeMap::new(), gaps: BTreeMap::new() };
        for (id, value) in
            [("requests0", 100.0), ("errors0", 3.0), ("resets0", 1.0), ("latency0", 0.25), ("balancer", 2.0)]
        {
            read.add(result(id, 60, value, sdk::StatusCode::Complete));
        }
        read.add(result("requests1", 60, 5.0, sdk::StatusCode::PartialData));
        read.add(result("requests1", 120, 6.0, sdk::StatusCode::Complete));
        read.add(result("errors1", 120, 1.0, sdk::StatusCode::InternalError));
        let metrics = read.metrics(2);
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let side = Side { requests: 100.0, errors: 4.0, latency: Some(Duration::from_millis(250)) };
        assert_eq!(metrics.groups[0], Readings::from([(at(60), side)]));
        assert_eq!(metrics.groups[1].len(), 2);
        assert_eq!(metrics.balancer_errors.to_bits(), 2.0_f64.to_bits());
        assert_eq!(metrics.gaps.as_deref(), Some("CloudWatch answers InternalError to errors1"));
    }

    use crate::model::cloudwatch::Side;
}
