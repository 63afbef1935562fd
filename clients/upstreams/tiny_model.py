"""Writes a model of random weights in GGUF, for servers of real models: tiny_model.py FILE. It says words in no order, always the same ones."""

import sys

import gguf
import numpy

WIDTH, HEADS, FEED, LAYERS, CONTEXT = 64, 4, 128, 2, 4096
WORDS = """a and as at be blue but by can cloud cold day do edge far few field fire for from go good green had have he high hill
house how in is it kite lamp late leaf light like long low made make many moon more near new night no not now of old on one or
our out over own park path rain red river road round run salt sand sea see she slow small snow so some song star stone street
sun that the then there they this time to tree two under up was water way we what when where which wind with wood year you""".split()

# The server reads from it how calls of tools are written, and makes a grammar of that.
CHAT = """{% if tools %}<|im_start|>system
Tools:
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}A call is written as:
<tool_call>
{"name": "the name", "arguments": {}}
</tool_call><|im_end|>
{% endif %}{% for message in messages %}<|im_start|>{{ message.role }}
{% if message.content %}{{ message.content }}{% endif %}{% if message.tool_calls %}{% for call in message.tool_calls %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}{% endif %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""

special = ["<unk>", "<s>", "<|im_end|>", "<|im_start|>"]
single = [f"<0x{byte:02X}>" for byte in range(256)]
words = [f"\u2581{word}" for word in WORDS]
tokens = special + single + words
kinds = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * 3 + [gguf.TokenType.BYTE] * 256
kinds += [gguf.TokenType.NORMAL] * len(words)

writer = gguf.GGUFWriter(sys.argv[1], "llama")
writer.add_name("tiny")
writer.add_context_length(CONTEXT)
writer.add_embedding_length(WIDTH)
writer.add_block_count(LAYERS)
writer.add_feed_forward_length(FEED)
writer.add_head_count(HEADS)
writer.add_head_count_kv(HEADS)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_rope_dimension_count(WIDTH // HEADS)
writer.add_vocab_size(len(tokens))
writer.add_file_type(gguf.LlamaFileType.ALL_F32)
writer.add_tokenizer_model("llama")
writer.add_token_list(tokens)
writer.add_token_scores([0.0] * len(special + single) + [float(-at) for at in range(len(words))])
writer.add_token_types([int(kind) for kind in kinds])
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_unk_token_id(0)
writer.add_add_space_prefix(False)
writer.add_chat_template(CHAT)

random = numpy.random.default_rng(7)


def weights(*shape):
    return (random.standard_normal(shape) / numpy.sqrt(shape[-1])).astype(numpy.float32)


def ones():
    return numpy.ones(WIDTH, dtype=numpy.float32)


# Words are likelier than bytes, which a grammar may still ask for.
output = 8 * weights(len(tokens), WIDTH)
output[: len(special + single)] = 0
writer.add_tensor("token_embd.weight", weights(len(tokens), WIDTH) * numpy.float32(8))
writer.add_tensor("output_norm.weight", ones())
writer.add_tensor("output.weight", output)
for layer in range(LAYERS):
    name = f"blk.{layer}"
    writer.add_tensor(f"{name}.attn_norm.weight", ones())
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"{name}.{part}.weight", weights(WIDTH, WIDTH))
    writer.add_tensor(f"{name}.ffn_norm.weight", ones())
    writer.add_tensor(f"{name}.ffn_gate.weight", weights(FEED, WIDTH))
    writer.add_tensor(f"{name}.ffn_up.weight", weights(FEED, WIDTH))
    writer.add_tensor(f"{name}.ffn_down.weight", weights(WIDTH, FEED))

writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
