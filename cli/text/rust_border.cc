#include "cli/text/new_rust_files.h"

namespace tern::cli {

const char kRustBorder[] = R"rust(//! The border between Tern and an env in Rust. Your rules stand in lib.rs; here is nothing to change
//! until you want more of what Tern's envs/plugin_abi.h has (masks, exact state, drawing): its tables
//! go on where `EnvTable` in tern/abi.rs ends.

#![allow(dead_code)]

use std::any::Any;
use std::ffi::{c_char, c_void, CStr, CString};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null;
use std::sync::OnceLock;

mod abi;
pub use abi::Plugin;
use abi::*;

// ---- What an env is written in ------------------------------------------------------------------

/// An environment. One object is one env; Tern makes many and may run them on several threads.
pub trait Env: Sized + Send {
    /// Known before the first reset and always the same.
    fn facts() -> Facts;
    /// params: a number for each of `Facts::params`, within its bounds.
    fn new(params: &[f64]) -> Self;
    /// Starts an episode. Writes every element of `obs`. All chance comes from `rng`.
    fn reset(&mut self, rng: &mut Rng, obs: &mut [f32]);
    /// One step. Writes every element of `obs`.
    fn step(&mut self, action: Action, rng: &mut Rng, obs: &mut [f32]) -> Step;
    /// Success and the like, `Facts::metrics` of them, when an episode ends.
    fn metrics(&self, _values: &mut [f32]) {}
}

pub struct Facts {
    /// Versioned: changed rules get a new version, "Name-v1".
    pub id: &'static str,
    pub family: &'static str,
    pub summary: &'static str,
    /// Of the observation row, one after the other.
    pub fields: Vec<Field>,
    pub actions: Actions,
    /// Time limit, applied by Tern; 0: none.
    pub max_episode_steps: i32,
    pub metrics: Vec<&'static str>,
    pub params: Vec<Param>,
}

/// `size` numbers of an observation. low, high: -f64::INFINITY and f64::INFINITY for no bound.
pub struct Field {
    pub name: &'static str,
    pub unit: &'static str,
    pub size: i32,
    pub low: f64,
    pub high: f64,
}

impl Field {
    pub fn scalar(name: &'static str, unit: &'static str, low: f64, high: f64) -> Self {
        let size = 1;
        Self { name, unit, size, low, high }
    }
}

pub enum Actions {
    /// One of these.
    Discrete(Vec<&'static str>),
    /// A real number for each.
    Box(Vec<Real>),
}

pub struct Real {
    pub name: &'static str,
    pub unit: &'static str,
    pub low: f64,
    pub high: f64,
}

/// What `env.<name>=<number>` sets.
pub struct Param {
    pub name: &'static str,
    pub default: f64,
    pub low: f64,
    pub high: f64,
    pub doc: &'static str,
}

impl Param {
    pub fn new(name: &'static str, default: f64, low: f64, high: f64, doc: &'static str) -> Self {
        Self { name, default, low, high, doc }
    }
}

pub enum Action<'a> {
    /// Which option, from 0.
    Choice(usize),
    /// One for each component; finite, possibly out of bounds.
    Numbers(&'a [f32]),
}

/// What a step led to. Time limits are Tern's: `terminated` is for ends that belong to the env.
pub struct Step {
    pub reward: f32,
    pub terminated: bool,
}

/// The env's stream of random numbers: xoshiro256++, the same draws on every machine.
#[repr(C)]
pub struct Rng {
    s: [u64; 4],
}

impl Rng {
    /// 64 uniform bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.s;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }
    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
    /// A whole number from 0 to n - 1; n > 0.
    pub fn below(&mut self, n: u32) -> u32 {
        let mut product = (self.bits() >> 32) * u64::from(n);
        if (product as u32) < n {
            let threshold = n.wrapping_neg() % n;
            while (product as u32) < threshold {
                product = (self.bits() >> 32) * u64::from(n);
            }
        }
        (product >> 32) as u32
    }
}

/// Makes the library a plugin with this env: `tern::export!(MyEnv);`
#[macro_export]
macro_rules! export {
    ($env:ty) => {
        /// The one symbol that Tern looks for.
        #[no_mangle]
        pub extern "C" fn tern_plugin_entry(
            _host: *const std::ffi::c_void,
            _error: *const std::ffi::c_void,
        ) -> *const $crate::tern::Plugin {
            $crate::tern::plugin::<$env>()
        }
    };
}

// ---- From one to the other ----------------------------------------------------------------------

/// All that Tern is pointed to. It is made once and stays.
struct Border {
    facts: Facts,
    obs_size: usize,
    spec: SpecEntry,
    plugin: Plugin,
}
// Nothing in it changes after it was made.
unsafe impl Sync for Border {}
unsafe impl Send for Border {}

static BORDER: OnceLock<Border> = OnceLock::new();

fn border() -> &'static Border {
    BORDER.get().expect("tern_plugin_entry comes first")
}

fn c_text(text: &str) -> *const c_char {
    CString::new(text).expect("a text with a zero in it").into_raw()
}
fn c_texts(texts: &[&str]) -> *const *const c_char {
    kept(texts.iter().map(|text| c_text(text)).collect())
}
fn kept<T>(values: Vec<T>) -> *const T {
    Box::leak(values.into_boxed_slice()).as_ptr()
}

fn components_of(actions: &Actions) -> (i32, Vec<ComponentEntry>) {
    match actions {
        Actions::Discrete(options) => (
            0,
            vec![ComponentEntry {
                name: c_text("action"),
                unit: null(),
                options: c_texts(options),
                num_options: options.len() as u32,
                low: 0.0,
                high: 0.0,
            }],
        ),
        Actions::Box(reals) => (
            2,
            reals
                .iter()
                .map(|real| ComponentEntry {
                    name: c_text(real.name),
                    unit: c_text(real.unit),
                    options: null(),
                    num_options: 0,
                    low: real.low,
                    high: real.high,
                })
                .collect(),
        ),
    }
}

fn spec_of(facts: &Facts) -> SpecEntry {
    let fields: Vec<FieldEntry> = facts
        .fields
        .iter()
        .map(|field| FieldEntry {
            name: c_text(field.name),
            unit: c_text(field.unit),
            shape: kept(vec![field.size]),
            num_dims: 1,
            categories: 0,
            low: field.low,
            high: field.high,
            advisory: 0,
        })
        .collect();
    let (action_kind, components) = components_of(&facts.actions);
    SpecEntry {
        struct_size: size_of_u32::<SpecEntry>(),
        obs_dtype: 0,
        id: c_text(facts.id),
        family: c_text(facts.family),
        summary: c_text(facts.summary),
        reference: null(),
        num_fields: fields.len() as u32,
        field_size: size_of_u32::<FieldEntry>(),
        fields: kept(fields),
        num_components: components.len() as u32,
        component_size: size_of_u32::<ComponentEntry>(),
        components: kept(components),
        action_kind,
        max_episode_steps: facts.max_episode_steps,
        has_reward_threshold: 0,
        reward_threshold: 0.0,
        reward_terms: null(),
        metrics: c_texts(&facts.metrics),
        state_fields: null(),
        num_reward_terms: 0,
        num_metrics: facts.metrics.len() as u32,
        num_state_fields: 0,
    }
}

fn params_of(facts: &Facts) -> Vec<ParamEntry> {
    let entry = |param: &Param| ParamEntry {
        name: c_text(param.name),
        kind: c_text("float"),
        default_value: c_text(&param.default.to_string()),
        range: c_text(&format!("[{}, {}]", param.low, param.high)),
        doc: c_text(param.doc),
    };
    facts.params.iter().map(entry).collect()
}

fn size_of_u32<T>() -> u32 {
    std::mem::size_of::<T>() as u32
}

fn border_of<E: Env>() -> Border {
    let facts = E::facts();
    let spec = spec_of(&facts);
    let params = params_of(&facts);
    let table = EnvTable {
        struct_size: size_of_u32::<EnvTable>(),
        num_params: params.len() as u32,
        param_size: size_of_u32::<ParamEntry>(),
        id: spec.id,
        params: kept(params),
        create: create::<E>,
        destroy: destroy::<E>,
        spec: spec_entry,
        reset: reset::<E>,
        step: step::<E>,
        action_mask: None,
        draw: None,
        reward_terms: None,
        metrics: metrics::<E>,
    };
    let plugin = Plugin {
        abi_version: 1,
        struct_size: size_of_u32::<Plugin>(),
        made_with: c_text("Rust"),
        envs: kept(vec![kept(vec![table])]),
        num_envs: 1,
    };
    let obs_size = facts.fields.iter().map(|field| field.size as usize).sum();
    Border { facts, obs_size, spec, plugin }
}

pub fn plugin<E: Env>() -> *const Plugin {
    &BORDER.get_or_init(border_of::<E>).plugin
}

/// Writes `text`, cut to what fits.
fn fail(error: *const ErrorText, status: i32, text: &str) -> i32 {
    if let Some(error) = unsafe { error.as_ref() } {
        let size = text.len().min(error.capacity.saturating_sub(1));
        if error.capacity > 0 {
            unsafe {
                std::ptr::copy_nonoverlapping(text.as_ptr(), error.text.cast(), size);
                *error.text.add(size) = 0;
            }
        }
    }
    status
}

/// Calls `work`. A panic must not cross the border: it becomes an error with its text.
fn guarded(error: *const ErrorText, work: impl FnOnce() -> Result<(), String>) -> i32 {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => TERN_OK,
        Ok(Err(text)) => fail(error, TERN_BAD_CALL, &text),
        Err(panic) => fail(error, TERN_FAILED, &text_of(panic.as_ref())),
    }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panic: {}", text.unwrap_or("without a text"))
}

unsafe fn text_at(text: *const c_char) -> String {
    CStr::from_ptr(text).to_string_lossy().into_owned()
}

/// The value of each parameter; the last of a key counts.
unsafe fn numbers_of(values: *const ParamValues) -> Result<Vec<f64>, String> {
    let params = &border().facts.params;
    let mut numbers: Vec<f64> = params.iter().map(|param| param.default).collect();
    let Some(values) = values.as_ref() else {
        return Ok(numbers);
    };
    for i in 0..values.num_values as usize {
        let value = &*values.values.add(i * values.value_size as usize).cast::<ParamValue>();
        let key = text_at(value.key);
        let Some(k) = params.iter().position(|param| param.name == key) else {
            continue;
        };
        let (param, text) = (&params[k], text_at(value.text));
        numbers[k] = match text.parse::<f64>() {
            Ok(number) if number >= param.low && number <= param.high => number,
            _ => {
                let (place, low, high) = (text_at(value.place), param.low, param.high);
                return Err(format!(
                    "{place}: env.{key}: {text} is out of range; expected [{low}, {high}]"
                ));
            }
        };
    }
    Ok(numbers)
}

extern "C" fn create<E: Env>(
    values: *const ParamValues,
    env: *mut *mut c_void,
    error: *const ErrorText,
) -> i32 {
    guarded(error, || unsafe {
        let made = Box::new(E::new(&numbers_of(values)?));
        *env = Box::into_raw(made).cast();
        Ok(())
    })
}

extern "C" fn destroy<E: Env>(env: *mut c_void) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(env.cast::<E>()) })));
}

extern "C" fn spec_entry(_env: *const c_void) -> *const SpecEntry {
    &border().spec
}

extern "C" fn reset<E: Env>(
    env: *mut c_void,
    context: *const ResetContext,
    obs: *mut f32,
    error: *const ErrorText,
) -> i32 {
    guarded(error, || unsafe {
        let obs = std::slice::from_raw_parts_mut(obs, border().obs_size);
        (*env.cast::<E>()).reset(&mut *(*context).rng, obs);
        Ok(())
    })
}

extern "C" fn step<E: Env>(
    env: *mut c_void,
    action: *const c_void,
    rng: *mut Rng,
    obs: *mut f32,
    result: *mut StepResult,
    error: *const ErrorText,
) -> i32 {
    guarded(error, || unsafe {
        let border = border();
        let action = match &border.facts.actions {
            Actions::Discrete(_) => Action::Choice(*action.cast::<i32>() as usize),
            Actions::Box(reals) => {
                Action::Numbers(std::slice::from_raw_parts(action.cast(), reals.len()))
            }
        };
        let obs = std::slice::from_raw_parts_mut(obs, border.obs_size);
        let step = (*env.cast::<E>()).step(action, &mut *rng, obs);
        (*result).reward = step.reward;
        (*result).terminated = i32::from(step.terminated);
        (*result).truncated = 0;
        Ok(())
    })
}

extern "C" fn metrics<E: Env>(
    env: *const c_void,
    values: *mut f32,
    error: *const ErrorText,
) -> i32 {
    guarded(error, || unsafe {
        let count = border().facts.metrics.len();
        (*env.cast::<E>()).metrics(std::slice::from_raw_parts_mut(values, count));
        Ok(())
    })
}
)rust";

}  // namespace tern::cli
