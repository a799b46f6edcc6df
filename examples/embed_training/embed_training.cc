// Trains an agent on an env of this program's own, and stops as soon as it is good enough:
// embed_training [FOLDER]

#include <iostream>

#include "corridor.h"
#include "tern/agents/api.h"
#include "tern/agents/run/resolve_config.h"
#include "tern/envs/registry/registry.h"

namespace {

/// Keeps the newest mean return of the episodes of training.
class Progress final : public tern::MetricsSink {
 public:
  void write(const tern::MetricsRecord& record) override {
    for (const tern::Metric& metric : record.metrics) {
      if (metric.name != "rollout/return") continue;
      mean_return = metric.value;
      std::cout << record.step << " steps, mean return " << mean_return << "\n";
    }
  }
  double mean_return = -1;
};

}  // namespace

int main(int argc, char** argv) try {
  tern::registry().add<Corridor>();  // from now on "Corridor-v0" is an id like the built-in ones

  tern::TrainRequest request;
  request.config = tern::resolve_run_config(
      tern::config_from_words({"ppo", "Corridor-v0"}),
      {{"total_steps", "100000", "main()"}, {"learning_rate", "1e-3", "main()"}});
  request.out = argc > 1 ? argv[1] : "";  // "": runs/<name>-s<seed>

  Progress progress;
  tern::TrainHooks hooks;
  hooks.sinks = {&progress};
  hooks.should_stop = [&] { return progress.mean_return > 0.8; };
  const tern::TrainResult result = tern::tern_agents_api()->train(request, hooks);
  std::cout << result.run << (result.finished ? " is finished" : " is good enough") << " after "
            << result.steps << " steps\n";

  const auto policy = tern::tern_agents_api()->load_policy(result.run);
  const std::vector<float> obs = {0.5f};           // in the middle of the corridor
  std::vector<float> state(policy->state_size());  // what it remembers of the episode: nothing
  std::int32_t action = 0;
  policy->act({tern::ConstObsRow(tern::Row<const float>(obs)), /*mask=*/{}, /*rng=*/nullptr,
               tern::MutableActionRow(tern::Row<std::int32_t>(&action, 1)), state},
              /*deterministic=*/true);
  std::cout << "in the middle it goes "
            << policy->spec().action.components()[0].options[static_cast<std::size_t>(action)]
            << "\n";
} catch (const tern::Error& error) {
  std::cerr << "embed_training: " << error.what() << "\n";
  return static_cast<int>(error.code());
}
