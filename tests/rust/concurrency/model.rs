//! The actions as docs/how-it-works.md has them, one after the other: what each does to the world, or how it is refused.
//! Written from the page and not from the program, which is held against it.

use std::fmt;

/// One of the two target groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Colour {
    Blue,
    Green,
}

impl Colour {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Blue => Self::Green,
            Self::Green => Self::Blue,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Green => "green",
        }
    }
}

/// A version of the service, by its deployment's id: two that may have been there before, and those of the builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Version(u8);

impl Version {
    pub(crate) const OLD: Self = Self(0);
    pub(crate) const NEW: Self = Self(1);

    /// Of the build with this number, from 0.
    pub(crate) fn of_build(number: usize) -> Self {
        Self(u8::try_from(number).unwrap() + 2)
    }

    /// The deployment's id.
    pub(crate) fn id(self) -> String {
        match self {
            Self::OLD => "blue-0".into(),
            Self::ABSENT => "absent".into(),
            Self::NEW => "new".into(),
            Self(build) => format!("build-{}", build - 1),
        }
    }

    /// One that never was, or is gone.
    pub(crate) const ABSENT: Self = Self(7);

    /// Whose id this is.
    pub(crate) fn of_id(id: &str) -> Option<Self> {
        (0..=7).map(Self).find(|version| version.id() == id)
    }
}

/// The state of the service, as far as whole actions bring it about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    First,
    Settled,
    Unpromoted,
    Reverted,
    Crossed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Preflight,
    Delete(Version),
    Create,
    Wait,
    EnableTest,
    Swap,
    SetPrimary,
    Rollback,
}

impl Action {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Preflight => "preflight",
            Self::Delete(_) => "delete-task-set",
            Self::Create => "create-task-set",
            Self::Wait => "wait-stable",
            Self::EnableTest => "enable-test-listener",
            Self::Swap => "swap-live",
            Self::SetPrimary => "set-primary",
            Self::Rollback => "rollback",
        }
    }
}

/// How an action ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Changed,
    Nothing,
    Fails(&'static str),
}

impl Outcome {
    pub(crate) fn is_ok(self) -> bool {
        !matches!(self, Self::Fails(_))
    }
}

/// How the service looks between two actions, when nothing is under way any more.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    /// The task sets in the order of their creation, with their groups.
    pub(crate) sets: Vec<(Version, Colour)>,
    pub(crate) primary: Option<Version>,
    pub(crate) live: Colour,
    pub(crate) test: Colour,
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "live {}, test {}", self.live.name(), self.test.name())?;
        for (version, colour) in &self.sets {
            let mark = if self.primary == Some(*version) { " PRIMARY" } else { "" };
            write!(f, ", {}{mark} in {}", version.id(), colour.name())?;
        }
        Ok(())
    }
}

impl World {
    pub(crate) fn colour(&self, version: Version) -> Option<Colour> {
        self.sets.iter().find(|(of, _)| *of == version).map(|(_, colour)| *colour)
    }

    /// The place in the order of creation.
    fn age(&self, version: Version) -> Option<usize> {
        self.sets.iter().position(|(of, _)| *of == version)
    }

    pub(crate) fn is_before_primary(&self, version: Version) -> bool {
        self.primary.is_some_and(|primary| self.age(version) < self.age(primary))
    }

    /// The versions of a group, the youngest last.
    pub(crate) fn within(&self, group: Colour) -> impl DoubleEndedIterator<Item = Version> {
        self.sets.iter().filter(move |(_, colour)| *colour == group).map(|(version, _)| *version)
    }

    /// Those that a deployment has created and not promoted yet.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = Version> {
        let others = self.sets.iter().map(|(version, _)| *version).filter(|version| Some(*version) != self.primary);
        others.filter(|version| !self.is_before_primary(*version))
    }

    fn state(&self) -> State {
        let Some(primary) = self.primary else { return State::First };
        if self.colour(primary) == Some(self.live) {
            return State::Settled;
        }
        match self.within(self.live).map(|version| self.is_before_primary(version)).collect::<Vec<_>>().as_slice() {
            [] => State::Crossed,
            all if all.iter().all(|before| *before) => State::Reverted,
            all if all.iter().any(|before| *before) => State::Crossed,
            _ => State::Unpromoted,
        }
    }

    /// The table of states: the refusal of an action that may not start.
    fn start(&self, in_these: &[State]) -> Result<(), &'static str> {
        let state = self.state();
        if in_these.contains(&state) {
            return Ok(());
        }
        Err(match state {
            State::First => "state-first",
            State::Settled => "state-settled",
            State::Unpromoted => "state-unpromoted",
            State::Reverted => "state-reverted",
            State::Crossed => "state-crossed",
        })
    }

    /// The same with other names: the versions are called in the order of their age, so that worlds that differ in names
    /// alone are equal. And what each version is called then.
    pub(crate) fn renamed(&self) -> (Self, impl Fn(Version) -> Version) {
        let ages: Vec<Version> = self.sets.iter().map(|(version, _)| *version).collect();
        let name = move |version: Version| {
            let age = ages.iter().position(|other| *other == version);
            age.map_or(Version::ABSENT, |age| Version(u8::try_from(age).unwrap()))
        };
        let sets = self.sets.iter().map(|(version, colour)| (name(*version), *colour)).collect();
        (Self { sets, primary: self.primary.map(&name), ..self.clone() }, name)
    }

    fn remove(&mut self, version: Version) {
        self.sets.retain(|(of, _)| *of != version);
    }

    /// Does an action of the deployment of `own`.
    pub(crate) fn act(&mut self, action: Action, own: Version) -> Outcome {
        let done = match action {
            Action::Preflight => self.preflight(),
            Action::Delete(version) => self.delete(version),
            Action::Create => self.create(own),
            Action::Wait => self.colour(own).map(|_| false).ok_or("task-set-not-found"),
            Action::EnableTest => self.enable_test(own),
            Action::Swap => self.swap(own),
            Action::SetPrimary => self.set_primary(own),
            Action::Rollback => self.rollback(own),
        };
        match done {
            Ok(true) => Outcome::Changed,
            Ok(false) => Outcome::Nothing,
            Err(code) => Outcome::Fails(code),
        }
    }

    fn preflight(&self) -> Result<bool, &'static str> {
        if self.under_way().next().is_some() {
            return Err("other-deployment");
        }
        self.start(&[State::First, State::Settled]).map(|()| false)
    }

    /// The previous version, kept in the idle group for going back.
    pub(crate) fn kept(&self) -> Option<Version> {
        let primary = self.primary?;
        self.within(self.colour(primary)?.other()).rfind(|version| self.is_before_primary(*version))
    }

    fn delete(&mut self, version: Version) -> Result<bool, &'static str> {
        let Some(colour) = self.colour(version) else { return Ok(false) };
        if self.primary == Some(version) {
            return Err("is-primary");
        }
        if colour == self.live {
            return Err("is-live");
        }
        self.start(&[State::First, State::Settled])?;
        self.remove(version);
        Ok(true)
    }

    fn create(&mut self, own: Version) -> Result<bool, &'static str> {
        if self.state() != State::Crossed && self.under_way().next().is_some() {
            return Err("other-deployment");
        }
        self.start(&[State::First, State::Settled])?;
        let idle = self.live.other();
        if self.within(idle).next().is_some() {
            return Err("previous-stands");
        }
        self.sets.push((own, idle));
        Ok(true)
    }

    fn enable_test(&mut self, own: Version) -> Result<bool, &'static str> {
        let colour = self.colour(own).ok_or("task-set-not-found")?;
        if self.test == colour {
            return Ok(false);
        }
        self.start(&[State::First, State::Settled])?;
        if self.live == colour {
            return Err("is-live");
        }
        self.test = colour;
        Ok(true)
    }

    fn swap(&mut self, own: Version) -> Result<bool, &'static str> {
        let colour = self.colour(own).ok_or("task-set-not-found")?;
        if self.live == colour && self.test == colour.other() {
            return Ok(false);
        }
        if self.live != colour {
            self.start(&[State::First, State::Settled, State::Reverted])?;
            if self.is_before_primary(own) && self.state() != State::Reverted {
                return Err("older-than-primary");
            }
            if self.within(colour).count() > 1 {
                return Err("other-deployment");
            }
        }
        (self.live, self.test) = (colour, colour.other());
        Ok(true)
    }

    fn set_primary(&mut self, own: Version) -> Result<bool, &'static str> {
        let colour = self.colour(own).ok_or("task-set-not-found")?;
        if self.primary == Some(own) {
            return Ok(false);
        }
        self.start(&[State::First, State::Unpromoted])?;
        if self.live != colour {
            return Err("not-live");
        }
        self.primary = Some(own);
        Ok(true)
    }

    /// Undoes exactly one deployment: traffic first, then PRIMARY, then the set. The test listener belongs to the idle
    /// group.
    fn rollback(&mut self, own: Version) -> Result<bool, &'static str> {
        let Some(colour) = self.colour(own) else {
            let is_off = self.state() == State::Settled && self.test == self.live;
            if is_off {
                self.test = self.live.other();
            }
            return Ok(is_off);
        };
        if self.state() == State::Crossed {
            return Err("state-crossed");
        }
        let has_traffic = self.live == colour;
        match self.primary {
            None if has_traffic => return Err("nothing-to-go-back-to"),
            Some(primary) if primary == own => {
                let youngest = self.within(colour.other()).next_back().ok_or("nothing-to-go-back-to")?;
                if !self.is_before_primary(youngest) {
                    return Err("newer-deployment");
                }
                (self.live, self.primary) = (colour.other(), Some(youngest));
            }
            Some(_) if self.is_before_primary(own) => return Err("newer-deployment"),
            Some(primary) if has_traffic => self.live = self.colour(primary).unwrap(),
            None | Some(_) => {}
        }
        self.test = self.live.other();
        self.remove(own);
        Ok(true)
    }
}
