package ecsbg.pipeline;

import com.cloudbees.groovy.cps.CpsTransformer;
import com.cloudbees.groovy.cps.sandbox.Untrusted;
import java.util.ArrayList;
import java.util.List;
import org.codehaus.groovy.ast.ClassHelper;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.ast.expr.ArgumentListExpression;
import org.codehaus.groovy.ast.expr.ArrayExpression;
import org.codehaus.groovy.ast.expr.BinaryExpression;
import org.codehaus.groovy.ast.expr.ClassExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.ConstructorCallExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.ast.expr.SpreadExpression;
import org.codehaus.groovy.ast.expr.StaticMethodCallExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.ClassCodeExpressionTransformer;
import org.codehaus.groovy.control.SourceUnit;
import org.codehaus.groovy.syntax.Types;

/**
 * Jenkins' transformation of a script into one that can be suspended; each call in it is marked as the script's own, so that the sandbox
 * sees it. A `@NonCPS` method is not transformed, but Jenkins' sandbox sees its calls too: so {@link Checked} is put in front of each.
 */
final class Transformer extends CpsTransformer {
    private SourceUnit source;

    @Override
    protected Class getTrustTag() {
        return Untrusted.class;
    }

    @Override
    public void call(SourceUnit source, org.codehaus.groovy.classgen.GeneratorContext context, ClassNode classNode) {
        this.source = source;
        super.call(source, context, classNode);
    }

    @Override
    protected void visitNontransformedMethod(MethodNode m) {
        if (m.getCode() != null && !m.isSynthetic()) new Guard().guard(m);
    }

    private final class Guard extends ClassCodeExpressionTransformer {
        private final ClassNode checked = ClassHelper.make(Checked.class);

        void guard(MethodNode m) {
            m.getCode().visit(this);
        }

        @Override
        protected SourceUnit getSourceUnit() {
            return source;
        }

        @Override
        public Expression transform(Expression e) {
            if (e instanceof ClosureExpression c) {
                c.getCode().visit(this);
                return e;
            }
            if (e instanceof MethodCallExpression c && !isSuper(c.getObjectExpression())) return call(c);
            if (e instanceof StaticMethodCallExpression c) {
                return use(e, "call", new ClassExpression(c.getOwnerType()), new ConstantExpression(false), new ConstantExpression(c.getMethod()), array(c.getArguments()));
            }
            if (e instanceof ConstructorCallExpression c && !c.isSpecialCall()) {
                return use(e, "construct", new ClassExpression(c.getType()), array(c.getArguments()));
            }
            if (e instanceof PropertyExpression p && p.getClass() == PropertyExpression.class && !isSuper(p.getObjectExpression()) && !p.isSpreadSafe()) {
                return use(e, "get", transform(p.getObjectExpression()), new ConstantExpression(p.isSafe()), transform(p.getProperty()));
            }
            if (e instanceof BinaryExpression b) return binary(b);
            return e == null ? null : e.transformExpression(this);
        }

        private Expression call(MethodCallExpression c) {
            if (c.isSpreadSafe()) return c.transformExpression(this);
            Expression receiver = c.getObjectExpression();
            // in a closure, a name may be a local variable that holds another closure: Groovy sorts that out itself
            return use(c, "call", transform(receiver), new ConstantExpression(c.isSafe()), transform(c.getMethod()), array(c.getArguments()));
        }

        private Expression binary(BinaryExpression b) {
            if (b.getOperation().getType() == Types.LEFT_SQUARE_BRACKET) {
                return use(b, "at", transform(b.getLeftExpression()), transform(b.getRightExpression()));
            }
            if (b.getOperation().getType() == Types.ASSIGN && b.getLeftExpression() instanceof PropertyExpression p && !isSuper(p.getObjectExpression())) {
                return use(b, "set", transform(p.getObjectExpression()), transform(p.getProperty()), transform(b.getRightExpression()));
            }
            if (b.getOperation().getType() == Types.ASSIGN && b.getLeftExpression() instanceof BinaryExpression at
                && at.getOperation().getType() == Types.LEFT_SQUARE_BRACKET) {
                return use(b, "putAt", transform(at.getLeftExpression()), transform(at.getRightExpression()), transform(b.getRightExpression()));
            }
            if (Types.ofType(b.getOperation().getType(), Types.ASSIGNMENT_OPERATOR)) {
                b.setRightExpression(transform(b.getRightExpression()));
                return b;
            }
            return b.transformExpression(this);
        }

        private boolean isSuper(Expression e) {
            return e instanceof VariableExpression v && v.isSuperExpression();
        }

        private Expression array(Expression arguments) {
            List<Expression> all = new ArrayList<>();
            if (arguments instanceof TupleExpression t) {
                for (Expression x : t.getExpressions()) {
                    if (x instanceof SpreadExpression) throw new IllegalStateException("spread arguments in a @NonCPS method are not supported here");
                    all.add(transform(x));
                }
            } else {
                all.add(transform(arguments));
            }
            return new ArrayExpression(ClassHelper.OBJECT_TYPE, all);
        }

        private Expression use(Expression at, String method, Expression... args) {
            Expression e = new StaticMethodCallExpression(checked, method, new ArgumentListExpression(args));
            e.setSourcePosition(at);
            return e;
        }
    }
}
