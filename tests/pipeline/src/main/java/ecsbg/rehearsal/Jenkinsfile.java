package ecsbg.rehearsal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.codehaus.groovy.ast.AnnotatedNode;
import org.codehaus.groovy.ast.AnnotationNode;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.ast.ModuleNode;
import org.codehaus.groovy.ast.Parameter;
import org.codehaus.groovy.ast.expr.BinaryExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.DeclarationExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.ListExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.CatchStatement;
import org.codehaus.groovy.ast.stmt.ForStatement;
import org.codehaus.groovy.control.CompilationFailedException;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.Phases;
import org.codehaus.groovy.syntax.Types;

/** What a Jenkinsfile calls by name alone, read by Groovy's own compiler and not run. */
final class Jenkinsfile {
    /** A call, or a variable that nothing declares. `within`: the call whose arguments it stands in, or null. */
    record Call(String name, int line, String within, boolean variable) {}

    final List<Call> calls = new ArrayList<>();
    final Set<String> libraries = new LinkedHashSet<>();
    /** Methods, variables and parameters of the script. */
    private final Set<String> declared = new TreeSet<>(Set.of("it", "this", "super", "owner", "delegate", "_"));

    private Jenkinsfile() {}

    static Jenkinsfile read(String name, String text) throws Wrong {
        CompilerConfiguration plain = new CompilerConfiguration();
        plain.setSourceEncoding("UTF-8");
        CompilationUnit unit = new CompilationUnit(plain);
        unit.addSource(name, text);
        try {
            unit.compile(Phases.CONVERSION);
        } catch (CompilationFailedException x) {
            throw new Wrong(x.getMessage().strip());
        }
        Jenkinsfile read = new Jenkinsfile();
        for (Object module : unit.getAST().getModules()) read.read((ModuleNode) module);
        return read;
    }

    private void read(ModuleNode module) {
        module.getImports().forEach(this::annotations);
        CodeVisitorSupport names = new Names();
        CodeVisitorSupport visitor = new Calls();
        for (MethodNode method : module.getMethods()) {
            declared.add(method.getName());
            parameters(method.getParameters());
        }
        for (CodeVisitorSupport each : List.of(names, visitor)) {
            module.getStatementBlock().visit(each);
            for (MethodNode method : module.getMethods()) method.getCode().visit(each);
        }
    }

    private void annotations(AnnotatedNode node) {
        for (AnnotationNode annotation : node.getAnnotations()) {
            if (annotation.getClassNode().getName().equals("Library")) library(annotation.getMember("value"));
        }
    }

    private void library(Expression given) {
        if (given instanceof ListExpression list) list.getExpressions().forEach(this::library);
        else if (given instanceof ConstantExpression one) libraries.add(one.getText().replaceFirst("@.*", ""));
    }

    private void parameters(Parameter[] parameters) {
        if (parameters == null) return;
        for (Parameter parameter : parameters) declared.add(parameter.getName());
    }

    /** Of a whole script, wherever a name counts: better one too many known than one too few. */
    private final class Names extends CodeVisitorSupport {
        @Override
        public void visitDeclarationExpression(DeclarationExpression e) {
            annotations(e);
            super.visitDeclarationExpression(e);
        }

        @Override
        public void visitBinaryExpression(BinaryExpression e) {
            if (Types.ofType(e.getOperation().getType(), Types.ASSIGNMENT_OPERATOR)) assigned(e.getLeftExpression());
            super.visitBinaryExpression(e);
        }

        private void assigned(Expression left) {
            if (left instanceof VariableExpression v) declared.add(v.getName());
            else if (left instanceof org.codehaus.groovy.ast.expr.TupleExpression several) several.getExpressions().forEach(this::assigned);
        }

        @Override
        public void visitClosureExpression(ClosureExpression e) {
            parameters(e.getParameters());
            super.visitClosureExpression(e);
        }

        @Override
        public void visitForLoop(ForStatement s) {
            declared.add(s.getVariable().getName());
            super.visitForLoop(s);
        }

        @Override
        public void visitCatchStatement(CatchStatement s) {
            declared.add(s.getVariable().getName());
            super.visitCatchStatement(s);
        }
    }

    private final class Calls extends CodeVisitorSupport {
        /** Whose arguments are being read; empty text: a closure's code, which is nobody's argument. */
        private final Deque<String> within = new ArrayDeque<>();

        @Override
        public void visitMethodCallExpression(MethodCallExpression e) {
            String name = e.getMethodAsString();
            boolean named = e.isImplicitThis() && name != null;
            if (named && !declared.contains(name)) note(name, e.getLineNumber(), false);
            if (!e.isImplicitThis() && e.getObjectExpression() instanceof VariableExpression v && isUndeclared(v)) {
                note(v.getName(), v.getLineNumber(), true);
            }
            e.getObjectExpression().visit(this);
            e.getMethod().visit(this);
            within.push(named ? name : within.isEmpty() ? "" : within.peek());
            e.getArguments().visit(this);
            within.pop();
        }

        private void note(String name, int line, boolean variable) {
            String outer = within.isEmpty() || within.peek().isEmpty() ? null : within.peek();
            calls.add(new Call(name, line, outer, variable));
        }

        /** Names in capitals may be variables of the environment. */
        private boolean isUndeclared(VariableExpression v) {
            return !declared.contains(v.getName()) && Character.isLowerCase(v.getName().charAt(0)) && !v.getName().equals(v.getName().toUpperCase(java.util.Locale.ENGLISH));
        }

        @Override
        public void visitClosureExpression(ClosureExpression e) {
            within.push("");
            super.visitClosureExpression(e);
            within.pop();
        }
    }
}
