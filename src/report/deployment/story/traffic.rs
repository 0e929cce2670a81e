//! Where the traffic went: the weights of the listeners over time.

use super::super::archive::{Archive, Shift, Weights, What};
use super::tail;
use crate::model::Colour;

/// Nobody has more; a hostile report must not take for ever.
const LISTENERS: usize = 50;

/// Listeners that had the same weights all the time.
#[derive(Debug, PartialEq)]
pub(in super::super) struct Strip {
    pub(in super::super) listeners: Vec<String>,
    pub(in super::super) points: Vec<Point>,
    pub(in super::super) end: i64,
}

/// The parts of the traffic from a time on, 0 to 1; the rest is other groups'.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Point {
    pub(in super::super) at: i64,
    pub(in super::super) new: f64,
    pub(in super::super) old: f64,
    pub(in super::super) cause: String,
}

impl Strip {
    /// From where to where each of its points holds.
    pub(in super::super) fn spans(&self) -> impl Iterator<Item = (&Point, i64)> {
        let ends = self.points.iter().skip(1).map(|point| point.at).chain([self.end]);
        self.points.iter().zip(ends)
    }

    /// How long the new version had traffic, from when, and the most that it had.
    pub(in super::super) fn exposure(&self) -> Option<Exposure> {
        let from = self.points.iter().find(|point| point.new > 0.0)?.at;
        let most = self.points.iter().map(|point| point.new).fold(0.0, f64::max);
        let long = self.spans().filter(|(point, _)| point.new > 0.0).map(|(point, to)| to - point.at).sum();
        let back = self.points.last().filter(|last| last.new <= 0.0).map(|last| last.at);
        Some(Exposure { from, long, most, back })
    }
}

#[derive(Debug, PartialEq)]
pub(in super::super) struct Exposure {
    pub(in super::super) from: i64,
    pub(in super::super) long: i64,
    pub(in super::super) most: f64,
    /// Since when it has had none again.
    pub(in super::super) back: Option<i64>,
}

/// The strips of the listeners of a role, in the order in which they were first read.
pub(super) fn strips(archive: &Archive, role: &str, new: Colour, end: i64) -> Vec<Strip> {
    let mut listeners: Vec<(&str, Vec<Point>)> = Vec::new();
    for event in &archive.events {
        let What::Weights(shift) = &event.what else { continue };
        for (arn, point) in points(shift, role, new, event.at) {
            if let Some((_, points)) = listeners.iter_mut().find(|(known, _)| *known == arn) {
                if points.last().is_none_or(|last| (last.new, last.old) != (point.new, point.old)) {
                    points.push(point);
                }
            } else if listeners.len() < LISTENERS {
                listeners.push((arn, vec![point]));
            }
        }
    }
    let mut strips: Vec<Strip> = Vec::new();
    for (arn, points) in listeners {
        let name = listener(arn);
        match strips.iter_mut().find(|strip| strip.points == points) {
            Some(strip) => strip.listeners.push(name),
            None => strips.push(Strip { listeners: vec![name], points, end }),
        }
    }
    strips
}

fn points<'a>(shift: &'a Shift, role: &str, new: Colour, at: i64) -> impl Iterator<Item = (&'a str, Point)> {
    let cause = shift.cause.clone().unwrap_or_default();
    shift.weights.iter().filter(move |weights| weights.role == role).map(move |weights| {
        let (ours, theirs) = (share(weights, new), share(weights, new.other()));
        (weights.arn.as_str(), Point { at, new: ours, old: theirs, cause: cause.clone() })
    })
}

/// A group's part of a forward's traffic, 0 to 1.
pub(super) fn share(weights: &Weights, colour: Colour) -> f64 {
    let [blue, green, others] = [weights.blue, weights.green, weights.others].map(|weight| weight.clamp(0.0, 1e6));
    let all = blue + green + others;
    let own = match colour {
        Colour::Blue => blue,
        Colour::Green => green,
    };
    if all > 0.0 { own / all } else { 0.0 }
}

/// What tells listeners apart: the end of the ARN.
fn listener(arn: &str) -> String {
    tail(arn).to_owned()
}
