#include "cli/text/new_rust_files.h"

namespace tern::cli {

const char kRustCargo[] = R"rust([package]
name = "@library@"
version = "0.1.0"
edition = "2021"
rust-version = "1.70"
publish = false

[lib]
crate-type = ["cdylib"]  # lib@library@.so

[workspace]  # its own, wherever this folder lies
)rust";

const char kRustEnv[] = R"rust(//! @class_name@-v0: walk along a corridor to the lamp.
//!
//!   observation     unit   range
//!   0 place         m      -1 to 1, the ends of the corridor
//!   1 lamp ahead    m      -2 to 2, how far the lamp is to the right
//!
//! Actions: 0 left, 1 right, by `speed`. Reward: 1 at the lamp, which ends the episode, else -0.02.
//! Limit: 50 steps.
//!
//! This is an env to start from: change the rules, keep the comment true. What each function may
//! and must do is told in Tern's docs/plugins.md.

#[rustfmt::skip]
mod tern;

use crate::tern::{Action, Actions, Env, Facts, Field, Param, Rng, Step};

struct @class_name@ {
    speed: f64, // m a step
    place: f64,
    lamp: f64,
    is_there: bool,
}

impl @class_name@ {
    /// Writes the whole row, in the order of Facts::fields.
    fn observe(&self, obs: &mut [f32]) {
        obs[0] = self.place as f32;
        obs[1] = (self.lamp - self.place) as f32;
    }
}

impl Env for @class_name@ {
    fn facts() -> Facts {
        Facts {
            id: "@class_name@-v0", // changed rules get a new version
            family: "mine",
            summary: "walk along a corridor to the lamp",
            fields: vec![
                Field::scalar("place", "m", -1.0, 1.0),
                Field::scalar("lamp ahead", "m", -2.0, 2.0),
            ],
            actions: Actions::Discrete(vec!["left", "right"]),
            max_episode_steps: 50, // Tern cuts the episode and tells the agent that it was cut
            metrics: vec!["success"],
            params: vec![Param::new("speed", 0.1, 0.01, 1.0, "m a step")],
        }
    }

    fn new(params: &[f64]) -> Self {
        Self {
            speed: params[0],
            place: 0.0,
            lamp: 0.0,
            is_there: false,
        }
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [f32]) {
        self.place = 2.0 * rng.uniform() - 1.0;
        self.lamp = 2.0 * rng.uniform() - 1.0;
        self.is_there = false;
        self.observe(obs);
    }

    fn step(&mut self, action: Action, _rng: &mut Rng, obs: &mut [f32]) -> Step {
        let goes_right = matches!(action, Action::Choice(1));
        let stride = if goes_right { self.speed } else { -self.speed };
        self.place = (self.place + stride).clamp(-1.0, 1.0);
        self.is_there = (self.lamp - self.place).abs() < self.speed;
        self.observe(obs);
        Step {
            reward: if self.is_there { 1.0 } else { -0.02 },
            terminated: self.is_there,
        }
    }

    fn metrics(&self, values: &mut [f32]) {
        values[0] = if self.is_there { 1.0 } else { 0.0 };
    }
}

export!(@class_name@);
)rust";

const char kRustAbi[] = R"rust(//! The tables of envs/plugin_abi.h of Tern, ABI version 1, which says what each field means and who
//! owns what it points to. Those that come last there may be left out here.

use super::Rng;
use std::ffi::{c_char, c_void};

pub const TERN_OK: i32 = 0;
pub const TERN_FAILED: i32 = -1;
pub const TERN_BAD_CALL: i32 = -2;

#[repr(C)]
pub struct ErrorText {
    pub struct_size: u32,
    pub text: *mut c_char,
    pub capacity: usize,
}

#[repr(C)]
pub struct FieldEntry {
    pub name: *const c_char,
    pub unit: *const c_char,
    pub shape: *const i32,
    pub num_dims: u32,
    pub categories: i32,
    pub low: f64,
    pub high: f64,
    pub advisory: i32,
}

#[repr(C)]
pub struct ComponentEntry {
    pub name: *const c_char,
    pub unit: *const c_char,
    pub options: *const *const c_char,
    pub num_options: u32,
    pub low: f64,
    pub high: f64,
}

#[repr(C)]
pub struct SpecEntry {
    pub struct_size: u32,
    pub obs_dtype: i32,
    pub id: *const c_char,
    pub family: *const c_char,
    pub summary: *const c_char,
    pub reference: *const c_char,
    pub fields: *const FieldEntry,
    pub num_fields: u32,
    pub field_size: u32,
    pub components: *const ComponentEntry,
    pub num_components: u32,
    pub component_size: u32,
    pub action_kind: i32,
    pub max_episode_steps: i32,
    pub has_reward_threshold: i32,
    pub reward_threshold: f64,
    pub reward_terms: *const *const c_char,
    pub metrics: *const *const c_char,
    pub state_fields: *const *const c_char,
    pub num_reward_terms: u32,
    pub num_metrics: u32,
    pub num_state_fields: u32,
}

#[repr(C)]
pub struct ParamEntry {
    pub name: *const c_char,
    pub kind: *const c_char,
    pub default_value: *const c_char,
    pub range: *const c_char,
    pub doc: *const c_char,
}

#[repr(C)]
pub struct ParamValue {
    pub key: *const c_char,
    pub text: *const c_char,
    pub place: *const c_char,
}

#[repr(C)]
pub struct ParamValues {
    pub struct_size: u32,
    pub value_size: u32,
    pub values: *const u8, // ParamValue, value_size bytes apart
    pub num_values: u32,
}

#[repr(C)]
pub struct StepResult {
    pub struct_size: u32,
    pub reward: f32,
    pub terminated: i32,
    pub truncated: i32,
}

#[repr(C)]
pub struct ResetContext {
    pub struct_size: u32,
    pub rng: *mut Rng,
    pub level: u64,
}

pub type Unused = Option<extern "C" fn()>;

/// The header's table ends later; Tern takes what lies behind struct_size as not there.
#[repr(C)]
pub struct EnvTable {
    pub struct_size: u32,
    pub num_params: u32,
    pub param_size: u32,
    pub id: *const c_char,
    pub params: *const ParamEntry,
    pub create: extern "C" fn(*const ParamValues, *mut *mut c_void, *const ErrorText) -> i32,
    pub destroy: extern "C" fn(*mut c_void),
    pub spec: extern "C" fn(*const c_void) -> *const SpecEntry,
    pub reset: extern "C" fn(*mut c_void, *const ResetContext, *mut f32, *const ErrorText) -> i32,
    pub step: extern "C" fn(
        *mut c_void,
        *const c_void,
        *mut Rng,
        *mut f32,
        *mut StepResult,
        *const ErrorText,
    ) -> i32,
    pub action_mask: Unused,
    pub draw: Unused,
    pub reward_terms: Unused,
    pub metrics: extern "C" fn(*const c_void, *mut f32, *const ErrorText) -> i32,
}

#[repr(C)]
pub struct Plugin {
    pub abi_version: u32,
    pub struct_size: u32,
    pub made_with: *const c_char,
    pub envs: *const *const EnvTable,
    pub num_envs: u32,
}
)rust";

}  // namespace tern::cli
