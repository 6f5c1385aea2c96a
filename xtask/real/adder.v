// The design that `cargo xtask real` synthesises: a ripple-carry adder with registered outputs.
// Small, but it takes yosys through elaboration with parameters, a generate loop, `/share` (techmap) and `/tmp` (abc).

module full_adder (
    input  wire a,
    input  wire b,
    input  wire carry_in,
    output wire sum,
    output wire carry_out
);
    assign sum       = a ^ b ^ carry_in;
    assign carry_out = (a & b) | (carry_in & (a ^ b));
endmodule

module adder #(
    parameter WIDTH = 8
) (
    input  wire             clock,
    input  wire             reset,
    input  wire [WIDTH-1:0] a,
    input  wire [WIDTH-1:0] b,
    input  wire             carry_in,
    output reg  [WIDTH-1:0] sum,
    output reg              carry_out
);
    wire [WIDTH-1:0] next_sum;
    wire [WIDTH:0]   carry;

    assign carry[0] = carry_in;

    genvar i;
    generate
        for (i = 0; i < WIDTH; i = i + 1) begin : stage
            full_adder bit_adder (
                .a(a[i]),
                .b(b[i]),
                .carry_in(carry[i]),
                .sum(next_sum[i]),
                .carry_out(carry[i + 1])
            );
        end
    endgenerate

    always @(posedge clock) begin
        if (reset) begin
            sum       <= 0;
            carry_out <= 0;
        end else begin
            sum       <= next_sum;
            carry_out <= carry[WIDTH];
        end
    end
endmodule
