#include "agents/nn/network_function.h"

#include <torch/csrc/autograd/custom_function.h>

#include "core/error.h"

namespace tern {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

struct NetworkFunction : torch::autograd::Function<NetworkFunction> {
  /// `parameters` is only there so that the tape runs through even where inputs need no gradient.
  static Variable forward(AutogradContext* context, const Variable& inputs,
                          const Variable& /*parameters*/, Network* network) {
    context->save_for_backward({inputs});
    context->saved_data["network"] = reinterpret_cast<std::int64_t>(network);
    return network->infer(inputs);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    auto* network = reinterpret_cast<Network*>(context->saved_data["network"].toInt());
    const Variable inputs = context->get_saved_variables()[0];
    const at::Tensor weights = gradients[0].contiguous();
    network->accumulate_gradient(inputs, weights);
    Variable of_inputs;
    if (context->needs_input_grad(0)) of_inputs = network->input_gradient(inputs, weights);
    return {of_inputs, Variable(), Variable()};
  }
};

}  // namespace

at::Tensor taped_outputs(Network& network, const at::Tensor& inputs) {
  if (network.spec().dense.batch_norm) {
    throw Error::failure("taped_outputs: a network with batch_norm infers by running moments and learns "
                         "by those of a batch; use Network::accumulate_gradient");
  }
  const at::Tensor on_tape = network.parameters().detach().set_requires_grad(true);
  return NetworkFunction::apply(inputs, on_tape, &network);
}

}  // namespace tern
